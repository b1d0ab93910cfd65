/** Live calls of a tenant in a minute: half of what its budget has above the reserve. */
export const callsPerMinute = 22;

/** Between two live calls of a tenant, in milliseconds. */
export const callGapMs = Math.ceil(60_000 / callsPerMinute);

/** Between two calls that nudges cause: those of a second are read together at its end. */
export const nudgeGapMs = 1000;

/** A nudge can bring a call forward by this time: three calls in a row, after a quiet time. */
const maxAheadMs = 2 * callGapMs;

/** Spaces the live calls of one poller, so that a minute has no more of them than are allowed. */
export interface LivePace {
  /** When a poll can begin. */
  readonly pollAt: () => number;
  /** When a call can begin that a nudge brings forward. The polls after it are later for it. */
  readonly nudgedAt: () => number;
  /** A poll that began then has made calls. */
  note(startedAt: number, calls: number): void;
}

export function createLivePace(): LivePace {
  let pacedAt = Number.NEGATIVE_INFINITY;
  return {
    pollAt: () => pacedAt,
    nudgedAt: () => pacedAt - maxAheadMs,
    note(startedAt, calls) {
      pacedAt = Math.max(pacedAt, startedAt) + calls * callGapMs;
    },
  };
}
