import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';

export interface TimeoutOptions {
  /** Aborted at the operation's deadline, or when its client disconnects. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** How long to wait where a stale page can be served; undefined: until the signal aborts. */
  readonly timeoutMs: number | undefined;
}

/**
 * Waits for a shared call. Fails as a timeout when the wait ends first; the call goes on for
 * others.
 */
export function withTimeout<T>(
  call: Promise<T>,
  { signal, clock, timeoutMs }: TimeoutOptions,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stopWaiting = () => {
      end();
      reject(new Failure('timeout', 'There was no response in time'));
    };
    const cancelTimer =
      timeoutMs === undefined ? undefined : clock.setTimer(timeoutMs, stopWaiting);
    const end = () => {
      cancelTimer?.();
      signal.removeEventListener('abort', stopWaiting);
    };
    if (signal.aborted) return stopWaiting();
    signal.addEventListener('abort', stopWaiting);
    call.then(end, end);
    call.then(resolve, reject);
  });
}
