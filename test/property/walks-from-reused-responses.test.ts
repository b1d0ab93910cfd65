import { expect, test } from 'vitest';
import { runs } from '#test/support/random/random-runs.ts';
import {
  isExact,
  timeoutFor,
  walkAtRandom,
  walkPlans,
} from '#test/support/reading/random-walks.ts';

const numRuns = runs(300);

test(
  'a walk that begins with a reused response skips no row and repeats none',
  timeoutFor(numRuns),
  async () => {
    const plans = walkPlans.map((plan) => ({ ...plan, reuses: true }));
    const sums = await walkAtRandom(plans, numRuns, isExact);
    expect(sums).toMatchObject({ walks: numRuns, skipped: 0, stuck: 0 });
    expect(sums.again).toBeGreaterThan(sums.walks / 2);
  },
);
