import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { walk, type WalkOutcome, type WalkPlan } from '#test/support/reading/walk.ts';

const plans: fc.Arbitrary<WalkPlan> = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 }),
  rows: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 31, max: 420 })),
  count: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(1, 7, 10, 50, 99, 100)),
  direction: fc.constantFrom('forward', 'backward'),
  filter: fc.constantFrom('all', 'all', 'connected', 'connecting'),
  order: fc.constantFrom('ascending', 'descending', 'exceptions', 'none'),
  freshMs: fc.constantFrom(0, 2000, 2000),
  during: fc.constantFrom(0, 0.1, 0.5),
  between: fc.constantFrom(0, 1, 3, 8),
  pauseMs: fc.constantFrom(1, 1000, 5000, 30_000),
  others: fc.boolean(),
  bulk: fc.boolean(),
  screens: fc.constant(false),
});

// The same walks each time, so that a change is judged and not chance; more, and others, by hand:
// WALKS=20000 WALKS_SEED=$RANDOM npx vitest run test/reading/walks
const runs = Number(process.env['WALKS'] ?? 1500);
const seed = Number(process.env['WALKS_SEED'] ?? 20_260_101);
const timeout = 60_000 + runs * 100;

async function walkAll(
  arbitrary: fc.Arbitrary<WalkPlan>,
  holds: (outcome: WalkOutcome) => boolean,
  times = runs,
) {
  const sums = {
    walks: 0,
    again: 0,
    pages: 0,
    calls: 0,
    skipped: 0,
    repeated: 0,
    lost: 0,
    stuck: 0,
  };
  await fc.assert(
    fc.asyncProperty(arbitrary, async (plan) => {
      const outcome = await walk(plan);
      sums.walks += 1;
      sums.again += outcome.again ? 1 : 0;
      sums.pages += outcome.pages;
      sums.calls += outcome.calls;
      sums.skipped += outcome.skipped.length;
      sums.repeated += outcome.repeated.length;
      sums.lost += outcome.lost ? 1 : 0;
      sums.stuck += outcome.stuck ? 1 : 0;
      if (!holds(outcome)) throw new Error(JSON.stringify({ plan, outcome }));
    }),
    { numRuns: times, seed, endOnFailure: true },
  );
  return sums;
}

test(
  'no row is skipped and none is repeated, whatever changes between and during the pages',
  { timeout },
  async () => {
    const sums = await walkAll(
      plans,
      ({ skipped, repeated, disordered, empty, stuck, lost }) =>
        skipped.length + empty === 0 &&
        !stuck &&
        (lost || repeated.length + disordered.length === 0),
    );
    process.stdout.write(`${JSON.stringify(sums)}\n`);
    expect(sums).toMatchObject({ skipped: 0, stuck: 0 });
  },
);

test(
  'no row is skipped when whole screens vanish at once under their readers',
  { timeout },
  async () => {
    // Exceptions to an order, gone with all around them, are what docs/paging.md says cannot hold.
    const screens = plans
      .filter(({ order }) => order !== 'exceptions')
      .map((plan) => ({ ...plan, screens: true }));
    const sums = await walkAll(
      screens,
      ({ skipped, empty, stuck }) => skipped.length + empty === 0 && !stuck,
    );
    process.stdout.write(`${JSON.stringify(sums)}\n`);
    expect(sums).toMatchObject({ skipped: 0, stuck: 0 });
  },
);

test(
  'no row is skipped and none is repeated by walks that begin with an answer that was served before',
  { timeout },
  async () => {
    const again = plans.map((plan) => ({ ...plan, reuses: true }));
    const sums = await walkAll(
      again,
      ({ skipped, repeated, disordered, empty, stuck, lost }) =>
        skipped.length + empty === 0 &&
        !stuck &&
        (lost || repeated.length + disordered.length === 0),
      Math.ceil(runs / 2),
    );
    process.stdout.write(`${JSON.stringify(sums)}\n`);
    expect(sums).toMatchObject({ skipped: 0, stuck: 0 });
    expect(sums.again).toBeGreaterThan(sums.walks / 2);
  },
);

test(
  'no row is skipped and none is repeated, however the wall clock is stepped',
  { timeout },
  async () => {
    const steps = fc
      .tuple(plans, fc.constantFrom(0.05, 0.3), fc.boolean())
      .map(([plan, chance, reuses]) => ({ ...plan, steps: chance, reuses }));
    const sums = await walkAll(
      steps,
      ({ skipped, repeated, disordered, empty, stuck, lost }) =>
        skipped.length + empty === 0 &&
        !stuck &&
        (lost || repeated.length + disordered.length === 0),
    );
    process.stdout.write(`${JSON.stringify(sums)}\n`);
    expect(sums).toMatchObject({ skipped: 0, stuck: 0 });
  },
);

test('a neighbour that was seen last on one page is not given up for what another page shows behind it', async () => {
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

test('a vendor that gives fewer rows than asked changes nothing', { timeout }, async () => {
  const caps = fc
    .tuple(plans, fc.constantFrom(25, 50))
    .map(([plan, cap]) => ({ ...plan, cap, rows: Math.min(plan.rows, cap * 5) }));
  const sums = await walkAll(
    caps,
    ({ skipped, repeated, disordered, empty, stuck, lost }) =>
      skipped.length + empty === 0 && !stuck && (lost || repeated.length + disordered.length === 0),
  );
  process.stdout.write(`${JSON.stringify(sums)}\n`);
  expect(sums).toMatchObject({ skipped: 0, stuck: 0 });
});

test(
  'a walk through 500 rows that change costs two calls a page and five over, at most',
  { timeout },
  async () => {
    const sizes = fc.tuple(plans, fc.constantFrom(7, 50, 100));
    // Changes of a row at a time: a list that grows by hundreds meanwhile has other pages.
    const walks = sizes.map(([plan, count]) => ({
      ...plan,
      count,
      rows: 500,
      freshMs: 2000,
      filter: 'all' as const,
      others: false,
      bulk: false,
    }));
    const sums = await walkAll(walks, ({ calls, pages }) => calls <= 2 * pages + 5);
    expect(sums.walks).toBe(runs);
  },
);
