import { Failure, type FailureKind } from '#src/domain/failure.ts';

const outages: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'rate-limited',
  'timeout',
  'unavailable',
  'refused',
  'malformed',
]);

/** Whether a failure says nothing of the caller, so that older rows may stand in for what it withheld. */
export const isOutage = (failure: unknown): failure is Failure =>
  failure instanceof Failure && outages.has(failure.kind);
