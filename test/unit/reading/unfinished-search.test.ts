import { expect, test } from 'vitest';
import { Failure } from '#src/domain/failure.ts';
import { anchorOf, decodeCursor } from '#src/reading/cursor/cursor.ts';
import { rowHashesOf, shortHashOf } from '#src/reading/pages/row-hash.ts';
import { readByIds } from '#src/reading/by-id/read-by-ids.ts';
import { readWindow } from '#src/reading/list/read-window.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { createWorld, type World } from '#test/support/reading/world.ts';

const after = (session: ReadSession, cursor: string | null, count = 50) =>
  readWindow(session, { filter: 'all', direction: 'forward', count, cursor });

/** A cursor in the middle of a list from which the rows that it names are removed. */
async function lostCursor(
  rows: number,
  { withLandmarks }: { withLandmarks: boolean },
): Promise<{ world: World; cursor: string }> {
  const world = createWorld({ rows, order: 'none', random: () => 0.5 });
  let cursor: string | null = null;
  for (let read = 0; read < rows / 2; read += 100) {
    const window = await after(world.session(), cursor, 100);
    cursor = window.edges.at(-1)?.cursor() ?? null;
  }
  if (cursor === null) throw new Error('The list has no rows');
  const scope = { tenant: 'tenant', filter: 'all', argument: 'after' } as const;
  const { row, behind, ahead, landmarks } = anchorOf(decodeCursor(cursor, scope), 'forward');
  const named = new Set([shortHashOf(row), ...behind, ...ahead]);
  if (withLandmarks) for (const landmark of landmarks) named.add(landmark);
  for (let at = world.list.length - 1; at >= 0; at -= 1) {
    const [hash = 0] = rowHashesOf([{ key: world.list[at]?.id ?? '', instance: null }]);
    if (named.has(shortHashOf(hash))) world.remove(at);
  }
  // No page from before is usable.
  world.clock.advance(120_000);
  return { world, cursor };
}

const attempt = async (world: World, cursor: string) => {
  try {
    return await after(world.session(), cursor);
  } catch (failure) {
    if (failure instanceof Failure && failure.kind === 'rate-limited') return failure;
    throw failure;
  }
};

test('a resumed search is no evidence for a read by id in the same operation', async () => {
  const { world, cursor } = await lostCursor(900, { withLandmarks: true });
  expect(await attempt(world, cursor)).toBeInstanceOf(Failure);
  const added = world.insert(300);
  world.clock.advance(1000);

  const session = world.session();
  await after(session, cursor);
  const results = await readByIds(session, [added.id]);
  expect(results.get(added.id)).toMatchObject({ key: added.id });
});

test('a search over a list that changes between its attempts ends within four attempts', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const { world, cursor } = await lostCursor(2400, { withLandmarks: false });
    let state = seed;
    const random = () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state / 2 ** 31;
    };
    let attempts = 0;
    let result: unknown;
    do {
      attempts += 1;
      result = await attempt(world, cursor);
      for (let row = 0; row < 60; row += 1) {
        world.remove(Math.floor(random() * world.list.length));
        world.insert(Math.floor(random() * world.list.length));
      }
      world.clock.advance(1000);
    } while (result instanceof Failure && attempts < 20);
    expect(attempts, `seed ${seed}`).toBeLessThanOrEqual(4);
  }
});

test('one short page does not make later walks dearer, from the end least of all', async () => {
  const world = createWorld({ rows: 1000 });
  const before = (session: ReadSession, cursor: string | null) =>
    readWindow(session, { filter: 'all', direction: 'backward', count: 50, cursor });
  world.during = () => {
    world.cap = world.calls.at(-1) === 'all 450' ? 5 : 100;
  };
  await readByIds(
    world.session(),
    world.list.map(({ id }) => id),
  );
  world.during = () => {};
  world.cap = 100;
  world.clock.advance(120_000);
  world.calls.length = 0;
  let cursor: string | null = null;
  for (;;) {
    const window = await before(world.session(), cursor);
    if (!window.hasPreviousPage) break;
    cursor = window.edges.at(0)?.cursor() ?? null;
  }
  expect(world.calls.length).toBeLessThanOrEqual(16);
});

test('a vendor that sends at most 25 rows is paged by 25', async () => {
  const world = createWorld({ rows: 200, cap: 25 });
  let cursor: string | null = null;
  const ids: string[] = [];
  do {
    const window = await after(world.session(), cursor, 100);
    ids.push(...window.edges.map(({ row }) => row.key));
    cursor = window.hasNextPage ? (window.edges.at(-1)?.cursor() ?? null) : null;
  } while (cursor !== null);
  expect(ids).toEqual(world.list.map(({ id }) => id));
  expect(world.calls.length).toBeLessThanOrEqual(16);
});
