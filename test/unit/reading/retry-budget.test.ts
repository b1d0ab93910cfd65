import { expect, test } from 'vitest';
import { createRetryBudget } from '#src/reading/upstream/retry-budget.ts';

test('of the calls of the last minute a fifth may be retries, and never fewer than 20', () => {
  let now = 0;
  const allowance = createRetryBudget(() => now);
  const takeAll = () => {
    let taken = 0;
    while (allowance.take()) taken += 1;
    return taken;
  };
  expect(takeAll()).toBe(20);
  for (let call = 0; call < 500; call += 1) allowance.sent();
  expect(takeAll()).toBe(80);
  now += 61_000;
  expect(takeAll()).toBe(20);
});
