import { expect, test } from 'vitest';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import type { Direction } from '#src/reading/pages/page-view.ts';
import { readWindow, type WindowResult } from '#src/reading/list/read-window.ts';
import { createWorld, type World } from '#test/support/reading/world.ts';

const window = (
  op: ReadSession,
  count: number,
  cursor: string | null = null,
  direction: Direction = 'forward',
) => readWindow(op, { filter: 'all', direction, count, cursor });

const keys = ({ edges }: WindowResult) => edges.map(({ row }) => row.key);
const endOf = ({ edges }: WindowResult) => edges.at(-1)?.cursor() ?? null;
const idsOf = ({ list }: World, from: number, to: number) =>
  list.slice(from, to).map(({ id }) => id);

/** Longer than anything stays fresh. */
const later = (world: World) => world.clock.advance(10_000);

test('a walk uses no page from before its first answer, however fresh that is', async () => {
  const world = createWorld({ rows: 150 });
  await window(world.session(), 10, null, 'backward');
  world.clock.advance(1000);
  const added = world.insert(110);
  world.clock.advance(900);
  await window(world.session({ noCache: true }), 10);

  const first = await window(world.session(), 100);
  const second = await window(world.session(), 50, endOf(first));
  expect(keys(second)).toContain(added.id);
});

test('a row deleted under the cursor costs its reader nothing', async () => {
  const world = createWorld({ rows: 60 });
  const first = await window(world.session(), 20);
  later(world);
  world.remove(19);
  const second = await window(world.session(), 20, endOf(first));
  expect(keys(second)).toEqual(idsOf(world, 19, 39));
  expect(world.calls).toEqual(['all 0', 'all 0']);
});

test('a whole screen deleted under the cursor skips nothing', async () => {
  const world = createWorld({ rows: 200 });
  const first = await window(world.session(), 50);
  later(world);
  world.list.splice(0, 50);
  const second = await window(world.session(), 50, endOf(first));
  expect(keys(second)).toEqual(idsOf(world, 0, 50));
});

test('a cursor works after a restart, on a server that holds nothing', async () => {
  const before = createWorld({ rows: 300 });
  const first = await window(before.session(), 70);
  const after = createWorld({ rows: 300 });
  later(after);
  const second = await window(after.session(), 20, endOf(first));
  expect(keys(second)).toEqual(idsOf(after, 70, 90));
  expect(after.calls).toHaveLength(1);
});

test('many rows put in before the cursor are found again where the total says', async () => {
  const world = createWorld({ rows: 120 });
  const first = await window(world.session(), 50);
  later(world);
  for (let row = 0; row < 230; row += 1) world.insert(0);
  const second = await window(world.session(), 10, endOf(first));
  expect(keys(second)).toEqual(idsOf(world, 280, 290));
  expect(world.calls).toHaveLength(3);
});

test('two pages that share no row are joined by one that shares rows with both', async () => {
  const world = createWorld({ rows: 300 });
  const pages: number[] = [];
  world.during = () => {
    pages.push(world.calls.length);
    // Between the first page and the second, the list moves on by more than the pages overlap.
    if (world.calls.length === 2) for (let row = 0; row < 30; row += 1) world.insert(0);
  };
  const first = await window(world.session(), 99);
  const second = await window(world.session(), 100, endOf(first));
  expect(keys(second)).toEqual(idsOf(world, 129, 229));
});

test('a search that runs out of calls says when to come back, and the same cursor works then', async () => {
  const world = createWorld({ rows: 1500, order: 'none', random: Math.random });
  const first = await window(world.session(), 100);
  const second = await window(world.session(), 20, endOf(first));
  later(world);
  // Past what may be served stale.
  world.clock.advance(100_000);
  const rest = new Set(idsOf(world, 170, 1500));
  world.list.splice(60, 110);

  const cursor = endOf(second);
  const attempts: unknown[] = [];
  let found: WindowResult | undefined;
  while (!found && attempts.length < 6) {
    const callsBefore = world.calls.length;
    found = await window(world.session(), 100, cursor).catch((failure: unknown) => {
      attempts.push(failure);
      return undefined;
    });
    expect(world.calls.length - callsBefore).toBeLessThanOrEqual(9);
    world.clock.advance(1000);
  }
  expect(attempts.length).toBeGreaterThan(0);
  expect(attempts[0]).toMatchObject({ kind: 'rate-limited', retryAfterMs: 1000 });
  const delivered = found ? keys(found) : [];
  expect(delivered.filter((id) => rest.has(id))[0]).toBe(idsOf(world, 60, 61)[0]);
});
