import { Failure } from '#src/domain/failure.ts';

const reason = 'The place was not found within the calls of one operation';

/** The same cursor works later: the next attempt goes on where this one stopped. */
export const searchLimitFailure = (): Failure =>
  new Failure('rate-limited', reason, { retryAfterMs: 1000 });

export const isSearchLimitFailure = (failure: unknown): boolean =>
  failure instanceof Failure && failure.message === reason;
