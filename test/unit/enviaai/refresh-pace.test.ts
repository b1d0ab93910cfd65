import { expect, test } from 'vitest';
import {
  createRefreshPace,
  type PacedPurpose,
  type RefreshPace,
} from '#src/enviaai/refresh-pace.ts';
import type { TakeResult } from '#src/store/budget-store.ts';
import { createTestClock } from '#test/support/clock.ts';

const windowMs = 60_000;

/** A pace whose budget is always as full as at the start of a window of 50 requests. */
function setUp(more: Partial<TakeResult> = {}) {
  const clock = createTestClock();
  const pace = createRefreshPace({ reserve: 0.1, now: clock.now });
  const budget: TakeResult = {
    isTaken: true,
    isPending: false,
    incarnation: 1,
    limit: 50,
    remaining: 50,
    resetAtMs: clock.now() + windowMs,
    pausedUntilMs: 0,
    isAssumed: false,
    activeReplicas: 1,
    ...more,
  };
  const take = (purpose: PacedPurpose) => {
    if (!pace.begin('tenant', purpose, budget.limit)) return false;
    pace.update('tenant', budget, purpose);
    pace.end('tenant', purpose);
    return true;
  };
  const takeAll = (purpose: PacedPurpose) => {
    let count = 0;
    while (take(purpose)) count += 1;
    return count;
  };
  const refresh = () => take('refresh');
  const refreshAll = () => takeAll('refresh');
  return { clock, pace, budget, refresh, refreshAll, takeAll };
}

/** How many calls can begin before the first of them ends; then all end without a request. */
function begunTogether(pace: RefreshPace, purpose: PacedPurpose): number {
  let count = 0;
  while (pace.begin('tenant', purpose, 50)) count += 1;
  for (let ended = 0; ended < count; ended += 1) pace.end('tenant', purpose);
  return count;
}

test('a fifth of the spare requests may refresh at once, then one when a token is refilled', () => {
  const { clock, refresh, refreshAll } = setUp();
  expect(refreshAll()).toBe(9);
  clock.advance(Math.ceil(windowMs / 45) - 1);
  expect(refresh()).toBe(false);
  clock.advance(1);
  expect(refresh()).toBe(true);
  expect(refresh()).toBe(false);
});

test('active replicas divide the spare requests', () => {
  expect(setUp({ activeReplicas: 3 }).refreshAll()).toBe(3);
});

test('without spare requests one refresh is allowed in a window', () => {
  const { clock, refreshAll } = setUp({ remaining: 5 });
  expect(refreshAll()).toBe(1);
  clock.advance(windowMs - 1);
  expect(refreshAll()).toBe(0);
});

test('a new window begins with a full bucket', () => {
  const { clock, pace, budget, refreshAll } = setUp();
  refreshAll();
  clock.advance(windowMs);
  expect(begunTogether(pace, 'refresh')).toBe(8);
  expect(begunTogether(pace, 'live')).toBe(4);
  pace.update('tenant', { ...budget, resetAtMs: clock.now() + windowMs }, null);
  expect(begunTogether(pace, 'refresh')).toBe(9);
});

test('calls that begin together take a token each, which those that are not sent give back', () => {
  const { pace, refresh, refreshAll } = setUp();
  refresh();
  expect(begunTogether(pace, 'live')).toBe(4);
  expect(begunTogether(pace, 'refresh')).toBe(8);
  expect(refreshAll()).toBe(8);
  expect(begunTogether(pace, 'refresh')).toBe(0);
});

test('each tenant has its own bucket', () => {
  const { pace, refreshAll } = setUp();
  refreshAll();
  expect(pace.begin('other tenant', 'refresh', 50)).toBe(true);
});

test('live calls have half of the burst, and take it from the refreshes', () => {
  const { takeAll } = setUp();
  expect(takeAll('live')).toBe(4);
  expect(takeAll('refresh')).toBe(5);
  expect(takeAll('live')).toBe(0);
});

test('refreshes leave nothing to live calls that the pace does not allow', () => {
  const { refreshAll, takeAll } = setUp();
  refreshAll();
  expect(takeAll('live')).toBe(0);
});

test('a window has live calls for half of what is above the reserve, and replicas divide them', () => {
  const counts = [1, 2].map((activeReplicas) => {
    const { clock, takeAll } = setUp({ activeReplicas });
    let count = 0;
    for (let second = 0; second < 60; second += 1) {
      count += takeAll('live');
      clock.advance(999);
    }
    return count;
  });
  expect(counts).toEqual([22, 11]);
});
