import { Failure } from '#src/domain/failure.ts';

/** What a failure means for a write that EnviaAI may have received. */
export function outcomeUnknown(failure: Failure): Failure {
  const { cause, reason, status, upstreamCode, upstreamRequestId } = failure;
  return new Failure('outcome-unknown', 'EnviaAI may or may not have done the write', {
    cause,
    reason,
    status,
    upstreamCode,
    upstreamRequestId,
  });
}
