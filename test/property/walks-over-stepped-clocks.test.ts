import * as fc from 'fast-check';
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
  'a walk skips no row and repeats none however the wall clock is stepped meanwhile',
  timeoutFor(numRuns),
  async () => {
    const plans = fc
      .tuple(walkPlans, fc.constantFrom(0.05, 0.3), fc.boolean())
      .map(([plan, steps, reuses]) => ({ ...plan, steps, reuses }));
    const sums = await walkAtRandom(plans, numRuns, isExact);
    expect(sums).toMatchObject({ walks: numRuns, skipped: 0, stuck: 0 });
  },
);
