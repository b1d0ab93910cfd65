import type { CallReport } from '#src/enviaai/client/instances.ts';
import { type Budget, createBudget, type Purpose } from '#src/enviaai/budget.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import { createTestClock, type TestClock } from '#test/support/clock.ts';
import { reportOf } from './vendor.ts';

/**
 * How the vendor counts. `request`: windows that a request begins. `calendar`: windows of the
 * wall clock. `rolling`: the requests of the last minute, with a reset that rolls.
 */
export type Counting = 'request' | 'calendar' | 'rolling';

export interface Latency {
  /** Until the vendor counts the request, in milliseconds. */
  readonly there: number;
  /** Until its answer is here. */
  readonly back: number;
  /** The answer is lost: the call fails when it would have come. */
  readonly isLost: boolean;
}

export interface TimedVendor {
  readonly clock: TestClock;
  readonly budget: Budget;
  /** Sends a request, if the budget grants it. */
  send(purpose: Purpose, latency: Latency): Promise<boolean>;
  /** Passes so much time, call by call. */
  pass(ms: number): Promise<void>;
  /** The times at which the vendor counted a request. */
  readonly served: readonly number[];
  /** The times at which it refused one. */
  readonly refused: readonly number[];
}

const windowMs = 60_000;

export function createTimedVendor(
  limit: number,
  counting: Counting,
  startAt = Date.UTC(2026, 0, 1),
): TimedVendor {
  const clock = createTestClock(startAt);
  const budget = createBudget({
    store: createMemoryBudgetStore(),
    ratePerMinute: limit,
    callMs: 13_000,
    now: clock.now,
  });
  const { signal } = new AbortController();
  const served: number[] = [];
  const refused: number[] = [];
  let due: { readonly at: number; readonly run: () => void | Promise<void> }[] = [];
  let openedAt = Number.NEGATIVE_INFINITY;

  const answer = (ticket: string): CallReport => {
    const now = clock.now();
    if (counting === 'calendar') openedAt = Math.floor(now / windowMs) * windowMs;
    else if (counting === 'rolling') openedAt = now - windowMs + 1;
    else if (now >= openedAt + windowMs) openedAt = now;
    const used = served.filter((at) => at >= openedAt).length;
    const isServed = used < limit;
    (isServed ? served : refused).push(now);
    const remaining = Math.max(0, limit - used - 1);
    const end = counting === 'rolling' ? now + windowMs : openedAt + windowMs;
    return reportOf(
      ticket,
      { limit, remaining, resetAtMs: Math.ceil(end / 1000) * 1000 },
      isServed,
    );
  };

  return {
    clock,
    budget,
    served,
    refused,
    async send(purpose, { there, back, isLost }) {
      const grant = await budget.take('tenant', purpose, signal);
      if (!grant.granted) return false;
      const sentAt = clock.now();
      due.push({
        at: sentAt + there,
        run: () => {
          const report = answer(grant.ticket);
          const lost = { ...report, outcome: 'timeout', status: null, rate: null } as const;
          const run = () => budget.learn('tenant', isLost ? lost : report);
          due.push({ at: sentAt + there + back, run });
        },
      });
      return true;
    },
    async pass(ms) {
      const end = clock.now() + ms;
      for (;;) {
        const next = due.toSorted((a, b) => a.at - b.at)[0];
        if (!next || next.at > end) break;
        due = due.filter((other) => other !== next);
        clock.advance(Math.max(0, next.at - clock.now()));
        await next.run();
      }
      clock.advance(end - clock.now());
    },
  };
}
