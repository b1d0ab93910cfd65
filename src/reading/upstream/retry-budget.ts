/**
 * A retry budget: bounds the share of calls that are retries, so that an upstream in trouble is not
 * called three times as often.
 */
export interface RetryBudget {
  /** Counts a call. */
  sent(): void;
  /** Takes one retry, if one is left. */
  take(): boolean;
}

/** Share of the calls of the last minute that may be retries. */
const share = 0.2;

/** Retries a minute that are allowed at any load. */
const minRetries = 20;

const minuteMs = 60_000;
const slotMs = 1000;

interface Slot {
  readonly startedAt: number;
  calls: number;
  retries: number;
}

export function createRetryBudget(now: () => number): RetryBudget {
  let slots: Slot[] = [];

  const currentSlot = (): Slot => {
    const startedAt = Math.floor(now() / slotMs) * slotMs;
    const last = slots.at(-1);
    if (last?.startedAt === startedAt) return last;
    const slot = { startedAt, calls: 0, retries: 0 };
    slots = [...slots.filter((old) => old.startedAt > startedAt - minuteMs), slot];
    return slot;
  };

  return {
    sent() {
      currentSlot().calls += 1;
    },
    take() {
      const slot = currentSlot();
      const sum = (count: (slot: Slot) => number) =>
        slots.reduce((total, each) => total + count(each), 0);
      const allowed = Math.max(minRetries, sum(({ calls }) => calls) * share);
      if (sum(({ retries }) => retries) >= allowed) return false;
      slot.retries += 1;
      return true;
    },
  };
}
