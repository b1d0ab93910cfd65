/** Time, passed in as an argument: `systemClock` in production, a manual clock in tests. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /**
   * Calls `callback` once, after `ms` milliseconds. Returns a function that cancels the timer. A
   * pending timer does not keep the process alive.
   */
  readonly setTimer: (ms: number, callback: () => void) => () => void;
}

export type SetTimer = Clock['setTimer'];

export const systemClock: Clock = {
  now: Date.now,
  setTimer: (ms, callback) => {
    const timer = setTimeout(callback, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms` milliseconds, or at once when the signal is aborted. Never rejects. */
export const sleep = (
  { setTimer }: Pick<Clock, 'setTimer'>,
  ms: number,
  signal?: AbortSignal,
): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = setTimer(ms, finish);
    signal?.addEventListener('abort', finish);
  });

/** Calls `callback` every `ms` milliseconds, until the returned function is called. */
export function repeat(setTimer: SetTimer, ms: number, callback: () => void): () => void {
  const tick = () => {
    cancel = setTimer(ms, tick);
    callback();
  };
  let cancel = setTimer(ms, tick);
  return () => cancel();
}
