import { expect, test } from 'vitest';
import { createBudget } from '#src/enviaai/budget.ts';
import { createFairShare } from '#src/reading/upstream/fair-share.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import { createTestClock } from '#test/support/clock.ts';

function createShares(limit: number) {
  const clock = createTestClock();
  const budget = createBudget({
    store: createMemoryBudgetStore(),
    ratePerMinute: limit,
    now: clock.now,
  });
  const shares = createFairShare({ budget, now: clock.now });
  const requestOf = (id: string) =>
    ({ tenant: 'tenant', caller: { kind: 'sharer', id }, purpose: 'required' }) as const;
  return {
    clock,
    ask: (id: string) => shares.ask(requestOf(id)),
    /** Calls that the caller gets of so many. */
    take: async (id: string, count: number) => {
      const grants = await Promise.all(
        Array.from({ length: count }, () => shares.take(requestOf(id))),
      );
      return grants.filter(({ granted }) => granted).length;
    },
  };
}

test('simultaneous calls of one caller are counted before the budget answers', async () => {
  const { take } = createShares(50);
  expect(await take('one', 80)).toBe(45);
  expect(await take('two', 80)).toBe(5);
});

test('a caller that waits for a slot has its share reserved', async () => {
  const { ask, take } = createShares(50);
  ask('two');
  expect(await take('one', 80)).toBe(23);
  expect(await take('two', 80)).toBe(22);
});

test.each([
  [1, 1, 0],
  [2, 1, 1],
  [3, 2, 1],
  [10, 9, 1],
])('of a limit of %i, one caller gets %i at once, and another %i', async (limit, first, second) => {
  const { take } = createShares(limit);
  expect(await take('one', 80)).toBe(first);
  expect(await take('two', 80)).toBe(second);
});

test('a caller that stayed away for a window has no share reserved', async () => {
  const { clock, take } = createShares(50);
  await take('two', 1);
  clock.advance(60_000);
  await take('one', 1);
  clock.advance(60_000);
  expect(await take('one', 80)).toBe(45);
});

test('a clock that is set back begins a new window', async () => {
  const { clock, take } = createShares(50);
  expect(await take('one', 80)).toBe(45);
  clock.advance(-3_600_000);
  // The budget decides what is left; the shares count from 0.
  expect(await take('one', 80)).toBe(5);
});
