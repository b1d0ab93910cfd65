/** How many calls may be second attempts, so that an upstream in trouble is not asked three times as often. */
export interface RetryBudget {
  /** Counts a call. */
  sent(): void;
  /** Takes one retry, if one is left. */
  take(): boolean;
}

/** Of the calls of the last minute, so many may be retries; and always these few. */
const share = 0.2;
const always = 20;

const minuteMs = 60_000;
const slotMs = 1000;

interface Slot {
  readonly at: number;
  calls: number;
  retries: number;
}

export function createRetryBudget(now: () => number): RetryBudget {
  let slots: Slot[] = [];

  const current = (): Slot => {
    const at = Math.floor(now() / slotMs) * slotMs;
    const last = slots.at(-1);
    if (last?.at === at) return last;
    const slot = { at, calls: 0, retries: 0 };
    slots = [...slots.filter((old) => old.at > at - minuteMs), slot];
    return slot;
  };

  return {
    sent() {
      current().calls += 1;
    },
    take() {
      const slot = current();
      const sum = (count: (slot: Slot) => number) =>
        slots.reduce((all, one) => all + count(one), 0);
      const allowed = Math.max(always, sum(({ calls }) => calls) * share);
      if (sum(({ retries }) => retries) >= allowed) return false;
      slot.retries += 1;
      return true;
    },
  };
}
