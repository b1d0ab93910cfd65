import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '#test/support/random/random-runs.ts';
import {
  isComplete,
  isExact,
  timeoutFor,
  walkAtRandom,
  walkPlans,
} from '#test/support/reading/random-walks.ts';
import { walk } from '#test/support/reading/walk.ts';

const numRuns = runs(600);
const timeout = timeoutFor(numRuns);

test(
  'a walk skips no row and repeats none while rows change between and during its pages',
  timeout,
  async () => {
    const sums = await walkAtRandom(walkPlans, numRuns, isExact);
    expect(sums).toMatchObject({ walks: numRuns, skipped: 0, stuck: 0 });
  },
);

test(
  'a walk skips no row while whole screens of rows vanish at once under it',
  timeout,
  async () => {
    // Rows out of order that vanish with all rows around them: docs/paging.md excludes that.
    const screens = walkPlans
      .filter(({ order }) => order !== 'exceptions')
      .map((plan) => ({ ...plan, screens: true }));
    const sums = await walkAtRandom(screens, numRuns, isComplete);
    expect(sums).toMatchObject({ walks: numRuns, skipped: 0, stuck: 0 });
  },
);

test(
  'a walk skips no row and repeats none if EnviaAI returns fewer rows than requested',
  timeout,
  async () => {
    const capped = fc
      .tuple(walkPlans, fc.constantFrom(25, 50))
      .map(([plan, cap]) => ({ ...plan, cap, rows: Math.min(plan.rows, cap * 5) }));
    const sums = await walkAtRandom(capped, numRuns, isExact);
    expect(sums).toMatchObject({ walks: numRuns, skipped: 0, stuck: 0 });
  },
);

test('a cursor keeps a neighbour last seen on one page when another page shows rows behind it', async () => {
  const { repeated, skipped } = await walk({
    seed: 2_014_329_849,
    rows: 125,
    count: 1,
    direction: 'forward',
    filter: 'connecting',
    order: 'ascending',
    freshMs: 2000,
    during: 0.5,
    between: 3,
    pauseMs: 1,
    others: false,
    bulk: false,
    screens: false,
    cap: 25,
  });
  expect({ repeated, skipped }).toEqual({ repeated: [], skipped: [] });
});
