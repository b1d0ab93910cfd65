import type { CombinedError } from 'urql';

/** Why a change was not made, for people. */
export interface Failure {
  readonly message: string;
  /** When it can be tried again, in milliseconds since the epoch; null: at any time. */
  readonly retryAt: number | null;
  /** Whether it can be tried again at all. */
  readonly canRetry: boolean;
}

/** What a mutation answered, as far as it failed. */
export interface Answered {
  readonly error?: CombinedError | undefined;
  readonly payload:
    | { readonly userErrors: readonly { readonly message: string }[] }
    | null
    | undefined;
}

/** Null: the change was made. `userErrors` can be mended; all else is in `errors` (docs/errors.md). */
export function failureOf({ error, payload }: Answered): Failure | null {
  if (payload) {
    const [refusal] = payload.userErrors;
    return refusal ? { message: refusal.message, retryAt: null, canRetry: true } : null;
  }
  return failureOfError(error);
}

export function failureOfError(error: CombinedError | undefined): Failure {
  const { code, retryAfter } = error?.graphQLErrors[0]?.extensions ?? {};
  const retryAt = typeof retryAfter === 'number' ? Date.now() + retryAfter * 1000 : null;
  switch (code) {
    case 'RATE_LIMITED':
      return { message: 'This minute’s calls are used up.', retryAt, canRetry: true };
    case 'UNAUTHENTICATED':
    case 'FORBIDDEN':
      return { message: 'You may not change instances.', retryAt: null, canRetry: false };
    case 'BAD_USER_INPUT':
      return { message: 'The input is not accepted.', retryAt: null, canRetry: true };
    case 'UPSTREAM_UNAVAILABLE':
      return { message: 'EnviaAI cannot be reached.', retryAt, canRetry: true };
    case undefined:
    // A response that was lost on its way: the change may have been made.
    case 'OUTCOME_UNKNOWN':
      return {
        message:
          'It is not known whether this was done. Look at the instance before you try again.',
        retryAt: null,
        canRetry: true,
      };
    default:
      return { message: 'This could not be done.', retryAt, canRetry: true };
  }
}
