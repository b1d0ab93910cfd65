import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '#src/domain/failure.ts';
import { readByIds } from '#src/reading/by-id/read-by-ids.ts';
import { readWindow } from '#src/reading/list/read-window.ts';
import { runs } from '#test/support/random/random-runs.ts';
import { inRoundTrips } from '#test/support/reading/round-trips.ts';
import { mulberry } from '#test/support/random/mulberry.ts';
import { anyOrder, createWorld, type World } from '#test/support/reading/world.ts';

const numRuns = runs(200);
const timeout = 60_000 + numRuns * 200;

const pagesOf = (rows: number) => 1 + Math.max(0, Math.ceil((rows - 100) / 90));

/** Random ids of an account, each with the same chance. */
const pick = ({ list }: World, count: number, random: () => number): string[] =>
  Array.from({ length: count }, () => list[Math.floor(random() * list.length)]?.id ?? '');

/**
 * The calls of the rule without waves: after each call, GETs if they are fewer than the pages left;
 * else the next page.
 */
function callsOneByOne(world: World, ids: ReadonlySet<string>): number {
  const pages = pagesOf(world.list.length);
  const missing = new Set(ids);
  if (missing.size <= 1) return missing.size;
  for (let page = 0; page < pages && missing.size > 0; page += 1) {
    if (page > 0 && missing.size < pages - page) return page + missing.size;
    const rows = world.list.slice(page * 90, page * 90 + 100);
    for (const { id } of rows) missing.delete(id);
    if (missing.size === 0) return page + 1;
  }
  return pages;
}

test(
  'scattered ids of a new key cost on average one call more than one by one at most, and never more than their price',
  { timeout },
  async () => {
    const plans = fc.record({
      seed: fc.nat(),
      rows: fc.integer({ min: 1, max: 3000 }),
      count: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 40, max: 400 })),
    });
    let more = 0;
    await fc.assert(
      fc.asyncProperty(plans, async ({ seed, rows, count }) => {
        const world = createWorld({ rows });
        const ids = new Set(pick(world, count, mulberry(seed)));
        const { result, waves } = await inRoundTrips(world, () =>
          readByIds(world.session(), [...ids]),
        );
        for (const id of ids) expect(result.get(id)).toMatchObject({ key: id });
        const calls = waves.flat().length;
        const pages = pagesOf(rows);
        expect(calls).toBeLessThanOrEqual(ids.size === 1 ? 1 : Math.min(ids.size + 1, pages));
        // One page, five, and 25 at a time; then the GETs for the last ids.
        expect(waves.length).toBeLessThanOrEqual(3 + Math.ceil(Math.max(0, pages - 6) / 25));
        more += calls - callsOneByOne(world, ids);
      }),
      { numRuns },
    );
    expect(more / numRuns).toBeLessThan(1);
  },
);

test(
  'ids that were seen cost no more calls than their pages, in one round trip',
  { timeout },
  async () => {
    const plans = fc.record({
      seed: fc.nat(),
      rows: fc.integer({ min: 1, max: 2000 }),
      count: fc.integer({ min: 1, max: 300 }),
      read: fc.integer({ min: 1, max: 300 }),
    });
    await fc.assert(
      fc.asyncProperty(plans, async ({ seed, rows, count, read }) => {
        const world = createWorld({ rows });
        const random = mulberry(seed);
        await readByIds(
          world.session(),
          world.list.map(({ id }) => id),
        );
        world.clock.advance(10_000);
        // Some pages are fresh again.
        await readByIds(world.session(), [...new Set(pick(world, read % 3, random))]);
        const ids = new Set(pick(world, count, random));
        const { result, waves } = await inRoundTrips(world, () =>
          readByIds(world.session(), [...ids]),
        );
        for (const id of ids) expect(result.get(id)).toMatchObject({ key: id });
        expect(waves.flat().length).toBeLessThanOrEqual(Math.min(ids.size, pagesOf(rows)));
        expect(waves.length).toBeLessThanOrEqual(1);
      }),
      { numRuns },
    );
  },
);

test(
  'while rows come, go and move during its waves, an id that stays is found, and only one that was missing is null',
  { timeout },
  async () => {
    const plans = fc.record({
      seed: fc.nat(),
      rows: fc.integer({ min: 1, max: 700 }),
      existing: fc.integer({ min: 0, max: 60 }),
      unknown: fc.integer({ min: 0, max: 20 }),
      during: fc.constantFrom(0, 0.3, 1),
      before: fc.constantFrom('nothing', 'a list', 'ids'),
      pauseMs: fc.constantFrom(0, 1500, 10_000),
    });
    let absent = 0;
    const property = fc.asyncProperty(plans, async (plan) => {
      const random = mulberry(plan.seed);
      const world = createWorld({ rows: plan.rows });
      const change = () => {
        // More rows than two pages share: their seam is not joined.
        const count = random() < 0.1 ? 15 : 1;
        const grows = random() < 0.5;
        for (let row = 0; row < count; row += 1) changeOne(grows);
      };
      const changeOne = (grows: boolean) => {
        const at = Math.floor(random() * (world.list.length + 1));
        if (grows) world.insert(random() < 0.7 ? 0 : at);
        else world.remove(random() < 0.7 ? 0 : Math.min(at, world.list.length - 1));
      };
      if (plan.before === 'a list') {
        await readWindow(world.session(), {
          filter: 'all',
          direction: 'backward',
          count: 100,
          cursor: null,
        });
      }
      if (plan.before === 'ids') await readByIds(world.session(), pick(world, 30, random));
      world.clock.advance(plan.pauseMs);
      const ids = new Set([
        ...pick(world, plan.existing, random),
        ...Array.from({ length: plan.unknown }, (_, at) => `inst_unknown${at}`),
      ]);
      for (let changes = 0; changes < 5; changes += 1) change();

      const present = () => new Set(world.list.map(({ id }) => id));
      let stayed: ReadonlySet<string> = present();
      world.during = () => {
        if (random() < plan.during) change();
        stayed = new Set([...present()].filter((id) => stayed.has(id)));
        world.clock.advance(Math.floor(random() * 50));
      };
      world.latency = anyOrder(random);
      const results = await readByIds(world.session(), [...ids]);
      for (const id of ids) {
        const result = results.get(id);
        expect(result).not.toBeInstanceOf(Failure);
        if (stayed.has(id)) expect(result, id).toMatchObject({ key: id });
        if (result === null) absent += 1;
      }
      expect(world.calls.length).toBeLessThan(100);
    });
    await fc.assert(property, { numRuns, endOnFailure: true });
    expect(absent).toBeGreaterThan(numRuns);
  },
);
