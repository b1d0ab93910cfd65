import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start, type Started } from '#test/support/start.ts';
import {
  type Direction,
  idsOf,
  type Page,
  pageOf,
  rowsOf,
  walk,
} from '#test/support/paging/walk.ts';

const sizes = [1, 7, 50, 100];
const directions: readonly Direction[] = ['forward', 'backward'];
const lists = [0, 1, 3, 50, 100, 101, 1000];

const walks = lists.flatMap((count) =>
  sizes
    // A thousand pages of one row say nothing that a hundred do not.
    .filter((size) => count < 1000 || size > 1)
    .flatMap((size) => directions.map((direction) => ({ count, size, direction }))),
);

test.for(walks)(
  'a walk $direction over $count rows in pages of $size meets each once, in order, and knows where it is',
  async ({ count, size, direction }) => {
    const server = await start({ instances: count, clock: createTestClock() });
    const rows = await rowsOf(server);
    expect(rows).toHaveLength(count);

    const walked = await walk(server, { size, direction });
    const pages = direction === 'forward' ? walked : walked.toReversed();

    expect(idsOf(pages)).toEqual(rows);
    expect(walked.map(({ edges }) => edges.length)).toEqual(lengths(count, size));
    expectPlacesRight(pages, count);
    expectCursorsRight(pages);
    expectLimitsKept(server);
  },
);

test.for(['CONNECTED', 'DISCONNECTED', 'CONNECTING'])(
  'a list narrowed to %s is walked whole, both ways',
  async (status) => {
    const server = await start({ instances: 450, clock: createTestClock() });
    const rows = await rowsOf(server, status.toLowerCase());
    expect(rows.length).toBeGreaterThan(20);

    for (const direction of directions) {
      const walked = await walk(server, { size: 7, direction, status });
      const pages = direction === 'forward' ? walked : walked.toReversed();
      expect(idsOf(pages)).toEqual(rows);
      expectPlacesRight(pages, rows.length);
    }
    expectLimitsKept(server);
  },
);

test('nothing kept from one page to the next, a walk meets each row once all the same', async () => {
  const server = await start({ instances: 250, env: { FRESH_MS: '0' } });
  const rows = await rowsOf(server);
  for (const direction of directions) {
    const walked = await walk(server, { size: 33, direction });
    expect(idsOf(direction === 'forward' ? walked : walked.toReversed())).toEqual(rows);
  }
  expectLimitsKept(server);
});

test.for([3, 101])('of %s rows, the cursor of every edge leads on, and back', async (count) => {
  const server = await start({ instances: count, clock: createTestClock() });
  const rows = await rowsOf(server);
  const edges = (await walk(server, { size: 50 })).flatMap((page) => page.edges);

  for (const [index, { cursor }] of edges.entries()) {
    const on = await pageOf(server, { first: 5, after: cursor });
    expect(idsOf([on])).toEqual(rows.slice(index + 1, index + 6));
    expect(on.pageInfo).toMatchObject({
      hasPreviousPage: true,
      hasNextPage: index + 6 < rows.length,
    });
    const back = await pageOf(server, { last: 5, before: cursor });
    expect(idsOf([back])).toEqual(rows.slice(Math.max(0, index - 5), index));
    expect(back.pageInfo).toMatchObject({ hasPreviousPage: index > 5, hasNextPage: true });
  }
});

test('a walk that goes on under another server, started later, misses nothing', async () => {
  const clock = createTestClock();
  const [first, second] = [
    await start({ instances: 230, clock }),
    await start({ instances: 230, clock }),
  ];
  const rows = await rowsOf(first);

  const ids: string[] = [];
  let after: string | null = null;
  for (let turn = 0; ; turn += 1) {
    const page: Page = await pageOf(turn % 2 === 0 ? first : second, { first: 40, after });
    ids.push(...idsOf([page]));
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }
  expect(ids).toEqual(rows);
});

/** How long the pages are, in the order they are met: all full but perhaps the last. */
function lengths(count: number, size: number): number[] {
  const full = Array.from({ length: Math.floor(count / size) }, () => size);
  return count % size > 0 || count === 0 ? [...full, count % size] : full;
}

function expectPlacesRight(pages: readonly Page[], count: number): void {
  let before = 0;
  for (const { edges, pageInfo, totalCount } of pages) {
    expect(totalCount).toBe(count);
    expect(pageInfo.hasPreviousPage).toBe(before > 0);
    before += edges.length;
    expect(pageInfo.hasNextPage).toBe(before < count);
  }
}

function expectCursorsRight(pages: readonly Page[]): void {
  for (const { edges, pageInfo } of pages) {
    const cursors = edges.map(({ cursor }) => cursor);
    expect(pageInfo.startCursor).toBe(cursors.at(0) ?? null);
    expect(pageInfo.endCursor).toBe(cursors.at(-1) ?? null);
    expect(new Set(cursors).size).toBe(cursors.length);
    expect(longest(cursors)).toBeLessThanOrEqual(240);
    expect(longest(cursors.slice(1, -1))).toBeLessThanOrEqual(90);
  }
}

const longest = (texts: readonly string[]): number =>
  Math.max(0, ...texts.map((text) => text.length));

/** The vendor takes a limit of 1 to 100 [S]. */
function expectLimitsKept(server: Started): void {
  const calls = server.calls();
  expect(calls.length).toBeGreaterThan(0);
  for (const call of calls) {
    const limit = Number(/[?&]limit=(\d+)/.exec(call)?.[1]);
    expect(limit).toBeGreaterThanOrEqual(1);
    expect(limit).toBeLessThanOrEqual(100);
  }
}
