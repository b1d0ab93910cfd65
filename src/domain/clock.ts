/** Time, passed in as an argument: `systemClock` in production, a manual clock in tests. */
export interface Clock {
  /**
   * Milliseconds since 1970 by a monotonic clock: the wall clock's time at the start, and what has
   * passed since. It never steps. Every age, order, window and expiry in this process goes by it.
   */
  readonly now: () => number;
  /**
   * The wall clock, for what is shown, and for times that other machines give. An operator, NTP or
   * a hypervisor can step it back or forward.
   */
  readonly wall: () => WallClock;
  /**
   * Calls `callback` once, after `ms` milliseconds. Returns a function that cancels the timer. A
   * pending timer does not keep the process alive.
   */
  readonly setTimer: (ms: number, callback: () => void) => () => void;
}

/** The wall clock, as compared with `now`. */
export interface WallClock {
  /**
   * Add it to a time of `now` for the wall clock's time, in milliseconds. It changes only by a
   * step.
   */
  readonly aheadMs: number;
  /** When the last step was noticed, by `now`; -Infinity: there was none. */
  readonly steppedAt: number;
  /** The same before the last steps, latest first. */
  readonly earlier: readonly Omit<WallClock, 'earlier'>[];
}

export const unsteppedWallClock: WallClock = {
  aheadMs: 0,
  steppedAt: Number.NEGATIVE_INFINITY,
  earlier: [],
};

/** Steps that are remembered: a cursor that is older than all of them costs a call. */
const maxEarlier = 8;

/** The wall clock after a step that was noticed at `steppedAt`. */
export const steppedWallClock = (
  { earlier, ...last }: WallClock,
  step: Omit<WallClock, 'earlier'>,
): WallClock => ({ ...step, earlier: [last, ...earlier].slice(0, maxEarlier) });

/**
 * The time of `now` at which the wall clock showed `wallMs`; the latest one, if it did so before
 * and after a step. Null: this process's wall clock never showed it.
 */
export function monotonicTimeOf(wallMs: number, wall: WallClock, now: number): number | null {
  let until = now;
  for (const { aheadMs, steppedAt } of [wall, ...wall.earlier]) {
    const at = wallMs - aheadMs;
    if (at >= steppedAt && at <= until) return at;
    until = steppedAt;
  }
  return null;
}

export type SetTimer = Clock['setTimer'];

/**
 * A smaller step is not noticed. Above the jitter of two readings, below a difference that matters.
 */
const minStepMs = 100;

export interface SystemTime {
  /** The wall clock, in milliseconds since 1970. */
  readonly wallNow: () => number;
  /** A monotonic clock, in milliseconds since any moment. */
  readonly elapsed: () => number;
}

/**
 * The machine's clocks. While the machine is suspended, a monotonic clock stops on Linux:
 * after that, rows count as young as the time that the machine was awake, and windows last longer
 * by the suspension. The wall clock then seems to have stepped forward, which leaves ages and
 * windows as they are.
 */
export function createSystemClock({ wallNow, elapsed }: SystemTime): Clock {
  const startedAt = wallNow() - elapsed();
  const now = () => Math.floor(startedAt + elapsed());
  let wall = unsteppedWallClock;
  return {
    now,
    wall() {
      const at = now();
      const aheadMs = wallNow() - at;
      if (Math.abs(aheadMs - wall.aheadMs) >= minStepMs) {
        wall = steppedWallClock(wall, { aheadMs, steppedAt: at });
      }
      return wall;
    },
    setTimer(ms, callback) {
      const timer = setTimeout(callback, ms).unref();
      return () => clearTimeout(timer);
    },
  };
}

export const systemClock = createSystemClock({
  wallNow: () => Date.now(),
  elapsed: () => performance.now(),
});

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
