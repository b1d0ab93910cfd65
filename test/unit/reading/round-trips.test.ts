import { expect, test } from 'vitest';
import type { Direction } from '#src/reading/pages/page-view.ts';
import { readByIds } from '#src/reading/by-id/read-by-ids.ts';
import { readWindow, type WindowResult } from '#src/reading/list/read-window.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { inRoundTrips } from '#test/support/reading/round-trips.ts';
import { createWorld, type World } from '#test/support/reading/world.ts';

const idsOf = ({ list }: World, from: number, to: number) =>
  list.slice(from, to).map(({ id }) => id);
/** Every row at this distance from the one before. */
const every = (world: World, step: number, from = 0) =>
  idsOf(world, from, world.list.length).filter((_, at) => at % step === 0);
const unknown = (count: number) => Array.from({ length: count }, (_, at) => `inst_unknown${at}`);
const pagesFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, page) => `all ${first + page * 90}`);
const age = (world: World) => world.clock.advance(10_000);
const byIds = async (world: World, ids: readonly string[]) => {
  const { result, waves } = await inRoundTrips(world, () => readByIds(world.session(), ids));
  return { found: [...result.values()], waves };
};

test('25 of 1000 ids cost 11 calls in 3 round trips, and one round trip once they were seen', async () => {
  const world = createWorld({ rows: 1000 });
  const ids = every(world, 40);
  const { found, waves } = await byIds(world, ids);
  expect(found.every((row) => row !== null)).toBe(true);
  expect(waves).toEqual([['all 0'], pagesFrom(90, 5), pagesFrom(540, 5)]);

  age(world);
  const again = await byIds(world, ids);
  expect(again.found.every((row) => row !== null)).toBe(true);
  expect(again.waves).toHaveLength(1);
  expect(again.waves[0]).toHaveLength(11);
});

test('pages with the most ids are first in a wave', async () => {
  const world = createWorld({ rows: 300 });
  const ids = [...idsOf(world, 10, 12), ...idsOf(world, 110, 115), ...idsOf(world, 250, 253)];
  await readByIds(world.session(), ids);
  age(world);
  const { waves } = await byIds(world, ids);
  expect(waves).toEqual([['all 90', 'all 180', 'all 0']]);
});

test('ids that were last seen alone are fetched by GETs together with the pages of the others', async () => {
  const world = createWorld({ rows: 1000 });
  await readByIds(world.session(), idsOf(world, 0, 1000));
  age(world);
  const [alone = ''] = idsOf(world, 700, 701);
  const { found, waves } = await byIds(world, [...idsOf(world, 0, 3), alone]);
  expect(found.every((row) => row !== null)).toBe(true);
  expect(waves).toEqual([['all 0', `get ${alone}`]]);
});

test('a new row that the pages of the other ids have by now costs no GET', async () => {
  const world = createWorld({ rows: 50 });
  await readByIds(world.session(), idsOf(world, 0, 50));
  age(world);
  const created = Array.from({ length: 5 }, () => world.insert(50).id);
  const { found, waves } = await byIds(world, [...idsOf(world, 0, 3), ...created]);
  expect(found.every((row) => row !== null)).toBe(true);
  expect(waves).toEqual([['all 0']]);
});

test('ids of one screen that were never seen leave half of the account unread', async () => {
  const world = createWorld({ rows: 1000 });
  const { waves } = await byIds(world, idsOf(world, 200, 225));
  expect(waves).toEqual([['all 0'], pagesFrom(90, 5)]);
});

test('25 unknown ids cost every page once, in 3 round trips', async () => {
  const world = createWorld({ rows: 1000 });
  const { found, waves } = await byIds(world, unknown(25));
  expect(found).toEqual(unknown(25).map(() => null));
  expect(waves).toEqual([['all 0'], pagesFrom(90, 5), pagesFrom(540, 5)]);
});

test('no wave has more than 25 pages', async () => {
  const world = createWorld({ rows: 5000 });
  const ids = every(world, 10);
  const { waves } = await byIds(world, ids);
  expect(waves.map(({ length }) => length)).toEqual([1, 5, 25, 25]);
  age(world);
  const again = await byIds(world, ids);
  expect(again.waves.map(({ length }) => length)).toEqual([25, 25, 6]);
});

const window = (
  session: ReadSession,
  count: number,
  cursor: string | null = null,
  direction: Direction = 'forward',
) => readWindow(session, { filter: 'all', direction, count, cursor });
const keys = ({ edges }: WindowResult) => edges.map(({ row }) => row.key);
const cursorAt = async (world: World, row: number) => {
  const first = await window(world.session(), 100);
  return first.edges[row]?.cursor() ?? null;
};

test('a window over the end of its page costs one round trip in either direction', async () => {
  const world = createWorld({ rows: 300 });
  const cursor = await cursorAt(world, 69);
  age(world);
  const forward = await inRoundTrips(world, () => window(world.session(), 100, cursor));
  expect(keys(forward.result)).toEqual(idsOf(world, 70, 170));
  expect(forward.waves).toEqual([['all 0', 'all 90']]);

  const next = forward.result.edges.at(-1)?.cursor() ?? null;
  age(world);
  const backward = await inRoundTrips(world, () => window(world.session(), 100, next, 'backward'));
  expect(keys(backward.result)).toEqual(idsOf(world, 69, 169));
  expect(backward.waves).toEqual([['all 90', 'all 0']]);
});

test('a window that its page has, or that the list ends with, costs one call', async () => {
  for (const [rows, count] of [
    [300, 30],
    [100, 100],
  ] as const) {
    const world = createWorld({ rows });
    const cursor = await cursorAt(world, 69);
    age(world);
    const { waves } = await inRoundTrips(world, () => window(world.session(), count, cursor));
    expect(waves).toEqual([['all 0']]);
  }
});

test('the last 100 rows of an unknown list cost 2 round trips, of a known one 1', async () => {
  const world = createWorld({ rows: 991 });
  const last = () => window(world.session(), 100, null, 'backward');
  const first = await inRoundTrips(world, last);
  expect(keys(first.result)).toEqual(idsOf(world, 891, 991));
  expect(first.waves).toEqual([['all 0'], ['all 900', 'all 810']]);
  age(world);
  const again = await inRoundTrips(world, last);
  expect(again.waves).toEqual([['all 900', 'all 810']]);
  age(world);
  const ten = await inRoundTrips(world, () => window(world.session(), 10, null, 'backward'));
  expect(ten.waves).toEqual([['all 900']]);
});

test('a page that was called for ahead is part of the search, where the row has moved', async () => {
  const world = createWorld({ rows: 1500, order: 'none', random: Math.random });
  const cursor = await cursorAt(world, 69);
  age(world);
  // The row and its neighbours are gone from where they were, and nowhere else.
  world.clock.advance(100_000);
  world.list.splice(40, 60);
  const calls = world.calls.length;
  await expect(window(world.session(), 100, cursor)).rejects.toMatchObject({
    kind: 'rate-limited',
  });
  expect(world.calls.length - calls).toBe(7);
});
