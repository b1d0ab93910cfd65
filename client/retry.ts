import { EnviaaiError } from './error.ts';

export type Sleep = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

export interface Retry {
  /** How often to ask again, at most. */
  readonly times?: number | undefined;
  /** How long to wait for that, all times together. What says to come back later than this fails at once. */
  readonly maxWaitMs?: number | undefined;
}

/** Does it again where a failure says when: then, and no sooner. */
export async function withRetry<T>(
  attempt: () => Promise<T>,
  { times = 2, maxWaitMs = 60_000 }: Retry,
  sleep: (ms: number) => Promise<void>,
): Promise<T> {
  let leftMs = maxWaitMs;
  for (let tried = 0; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      const seconds = error instanceof EnviaaiError ? error.retryAfter : null;
      const waitMs = seconds === null ? Infinity : seconds * 1000;
      if (tried >= times || waitMs > leftMs) throw error;
      leftMs -= waitMs;
      await sleep(waitMs);
    }
  }
}

/** Ends early, with the signal's reason, when it aborts. */
export const sleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the caller's own reason
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
