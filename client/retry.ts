import { abortReasonOf } from './abort.ts';
import { EnviaaiError } from './error.ts';

export type Sleep = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

export interface Retry {
  /** Maximum number of retries (default 2). */
  readonly times?: number | undefined;
  /**
   * Maximum of all waits together (default 60 s). A call that would have to wait longer fails at
   * once.
   */
  readonly maxWaitMs?: number | undefined;
}

/** Whether a call may be sent again after a failure with `retryAfter`. */
export type MayRetry = (failure: EnviaaiError) => boolean;

export const anyFailure: MayRetry = () => true;

/** A rate limit is the one failure after which it is certain that no change was made. */
export const onlyRateLimits: MayRetry = ({ code }) => code === 'RATE_LIMITED';

/** Repeats a call that failed with a `retryAfter`, after that time and never earlier. */
export async function withRetry<T>(
  attempt: () => Promise<T>,
  { times = 2, maxWaitMs = 60_000 }: Retry,
  mayRetry: MayRetry,
  sleep: (ms: number) => Promise<void>,
): Promise<T> {
  let remainingMs = maxWaitMs;
  for (let retries = 0; ; retries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const seconds = error instanceof EnviaaiError && mayRetry(error) ? error.retryAfter : null;
      const waitMs = seconds === null ? Infinity : seconds * 1000;
      if (retries >= times || waitMs > remainingMs) throw error;
      remainingMs -= waitMs;
      await sleep(waitMs);
    }
  }
}

/** Waits by a timer. Rejects with the signal's reason when it aborts. */
export const sleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the reason that the caller gave
      reject(signal && abortReasonOf(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop);
  });
