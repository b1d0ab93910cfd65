import { Failure, type FailureKind } from '#src/domain/failure.ts';
import { type Budget, createBudget, type Purpose } from '#src/enviaai/budget.ts';
import {
  createDispatch,
  type Dispatch,
  type DispatchOptions,
  type DispatchRequest,
} from '#src/reading/upstream/dispatch.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import { reportOf } from '#test/support/budget/vendor.ts';
import { createTestClock, type TestClock } from '#test/support/clock.ts';

export interface Dispatcher {
  readonly clock: TestClock;
  readonly budget: Budget;
  readonly dispatch: Dispatch;
  /** Tenants whose pages were dropped. */
  readonly dropped: readonly string[];
  /** Sends a call that ends as `end` says; resolves to its result. Counts it by its name. */
  readonly send: (name: string, purpose: Purpose, more?: SendOptions) => Promise<string>;
  /** The names of the calls that were sent, in their order. */
  readonly sent: readonly string[];
}

export interface SendOptions extends Partial<DispatchRequest> {
  /** Default: the call succeeds. */
  readonly end?: () => Promise<unknown>;
}

/** A dispatch over a budget of so many requests a minute. */
export function createDispatcher(
  ratePerMinute: number,
  options: Partial<DispatchOptions> = {},
): Dispatcher {
  const clock = createTestClock();
  const store = createMemoryBudgetStore();
  const budget = createBudget({ store, ratePerMinute, callMs: 13_000, now: clock.now });
  const dropped: string[] = [];
  const sent: string[] = [];
  const dispatch = createDispatch({
    budget,
    clock,
    pause: async () => {},
    onRejectedKey: async (tenant) => void dropped.push(tenant),
    ...options,
  });
  return {
    clock,
    budget,
    dispatch,
    dropped,
    sent,
    send: (name, purpose, { end = async () => {}, ...more } = {}) =>
      dispatch(
        {
          tenant: 'tenant',
          purpose,
          signal: new AbortController().signal,
          sent: () => sent.push(name),
          ...more,
        },
        async ({ ticket }) => {
          try {
            await end();
          } finally {
            await budget.learn('tenant', unreported(ticket));
          }
          return () => name;
        },
      ),
  };
}

/** The end of a call whose response reports no budget. */
const unreported = (ticket: string) => ({
  ...reportOf(ticket, { limit: null, remaining: null, resetAtMs: null }, true),
  rate: null,
});

/** An end that fails so. */
export const failing =
  (kind: FailureKind, details = {}) =>
  async () => {
    throw new Failure(kind, 'failed', details);
  };
