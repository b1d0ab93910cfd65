import { Failure, type FailureKind } from '#src/domain/failure.ts';

const outages: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'rate-limited',
  'too-many-keys',
  'timeout',
  'unavailable',
  'refused',
  'malformed',
]);

/** Whether a failure says nothing about the caller, so that stale rows may be served instead. */
export const isOutage = (failure: unknown): failure is Failure =>
  failure instanceof Failure && outages.has(failure.kind);
