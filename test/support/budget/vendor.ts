import type { Tenant } from '#src/domain/tenant.ts';
import { type Budget, createBudget, type Purpose } from '#src/enviaai/budget.ts';
import type { CallReport } from '#src/enviaai/client/instances.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import { createTestClock, type TestClock } from '#test/support/clock.ts';

/**
 * A vendor that counts the requests of its windows, and a budget that hears its answers when told
 * to.
 */
export interface Vendor {
  readonly clock: TestClock;
  readonly budget: Budget;
  /** Takes from the budget; what is granted is sent, and its answer waits to be heard. */
  send(purpose: Purpose): Promise<boolean>;
  /** The answers that wait, in the order of their requests: hears one, or loses it on the way. */
  hear(index: number, lost: boolean): Promise<void>;
  /** How many requests each window so far has had. */
  readonly windows: readonly number[];
}

const tenant: Tenant = 'tenant';
const windowMs = 60_000;

export interface VendorOptions {
  readonly limit: number;
  /** What the budget assumes, until it hears. */
  readonly assumed: number;
  readonly startAt: number;
}

export function createVendor({ limit, assumed, startAt }: VendorOptions): Vendor {
  const clock = createTestClock(startAt);
  const budget = createBudget({
    store: createMemoryBudgetStore(),
    ratePerMinute: assumed,
    callMs: 13_000,
    now: clock.now,
  });
  const windows: number[] = [];
  const answers: CallReport[] = [];
  const { signal } = new AbortController();
  let openedAt = Number.NEGATIVE_INFINITY;

  const answer = (ticket: string): CallReport => {
    if (clock.now() >= openedAt + windowMs) {
      openedAt = clock.now();
      windows.push(0);
    }
    const sent = (windows.pop() ?? 0) + 1;
    windows.push(sent);
    // The reset is told in whole seconds.
    const resetAtMs = Math.ceil((openedAt + windowMs) / 1000) * 1000;
    return reportOf(
      ticket,
      { limit, remaining: Math.max(0, limit - sent), resetAtMs },
      sent <= limit,
    );
  };

  return {
    clock,
    budget,
    windows,
    async send(purpose) {
      const grant = await budget.take(tenant, purpose, signal);
      if (grant.granted) answers.push(answer(grant.ticket));
      return grant.granted;
    },
    async hear(index, lost) {
      const [heard] = answers.splice(index % Math.max(1, answers.length), 1);
      if (heard) await budget.learn(tenant, lost ? lostReportOf(heard) : heard);
    },
  };
}

const lostReportOf = (report: CallReport): CallReport => ({
  ...report,
  outcome: 'timeout',
  status: null,
  rate: null,
});

export const reportOf = (
  ticket: string,
  rate: NonNullable<CallReport['rate']>,
  ok: boolean,
): CallReport => ({
  caller: { tenant: 'tenant', apiKey: 'key', requestId: 'request', ticket },
  kind: 'list',
  outcome: ok ? 'ok' : 'rate-limited',
  status: ok ? 200 : 429,
  durationMs: 1,
  rate,
  retryAfterMs: null,
  upstreamCode: null,
  upstreamRequestId: null,
});
