import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '#test/support/random/random-runs.ts';
import { timeoutFor, walkAtRandom, walkPlans } from '#test/support/reading/random-walks.ts';

const numRuns = runs(100);

test(
  'a walk through 500 changing rows costs at most two calls a page and five more',
  timeoutFor(numRuns),
  async () => {
    // Rows change one at a time: a list that grows by hundreds meanwhile has more pages.
    const plans = fc.tuple(walkPlans, fc.constantFrom(7, 50, 100)).map(([plan, count]) => ({
      ...plan,
      count,
      rows: 500,
      freshMs: 2000,
      filter: 'all' as const,
      others: false,
      bulk: false,
    }));
    const sums = await walkAtRandom(plans, numRuns, ({ calls, pages }) => calls <= 2 * pages + 5);
    expect(sums.walks).toBe(numRuns);
  },
);
