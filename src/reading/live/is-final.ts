import { Failure, type FailureKind } from '#src/domain/failure.ts';

/** Failures that end all subscriptions of a key. */
const finalKinds: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'unauthorized',
  'forbidden',
  'server-key',
  'bad-input',
]);

/** Whether a subscription ends with it. All others are waited out. */
export const isFinal = (failure: unknown): boolean =>
  !(failure instanceof Failure) || finalKinds.has(failure.kind);
