/** Time, as everything here sees it: the machine's in `main.ts`, a test's own in tests. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls `ring` after so long, unless what it returns is called first. Never keeps the process alive. */
  readonly alarm: (ms: number, ring: () => void) => () => void;
}

export const systemClock: Clock = {
  now: Date.now,
  alarm: (ms, ring) => {
    const timer = setTimeout(ring, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after so long, or at once when the signal aborts. */
export const sleep = ({ alarm }: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      callOff();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const callOff = alarm(ms, done);
    signal.addEventListener('abort', done);
  });
