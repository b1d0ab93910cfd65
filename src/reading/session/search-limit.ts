import { Failure } from '#src/domain/failure.ts';

/** Calls for all searches of one operation together. */
export const maxSearchCalls = 6;

/**
 * A search that used up the calls of its operation. The same cursor works later: the next attempt
 * resumes the search from its checkpoint.
 */
export class SearchLimitFailure extends Failure {
  constructor() {
    super('rate-limited', 'The place was not found within the calls of one operation', {
      retryAfterMs: 1000,
    });
  }
}

export const searchLimitFailure = (): Failure => new SearchLimitFailure();

export const isSearchLimitFailure = (failure: unknown): boolean =>
  failure instanceof SearchLimitFailure;
