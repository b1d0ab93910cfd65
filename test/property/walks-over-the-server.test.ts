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
    // 1,000 pages of one row test nothing that 101 do not.
    .filter((size) => count < 1000 || size > 1)
    .flatMap((size) => directions.map((direction) => ({ count, size, direction }))),
);

test.for(walks)(
  'a walk $direction over $count rows in pages of $size returns each row once, in order, with correct page info',
  async ({ count, size, direction }) => {
    const server = await start({ instances: count, clock: createTestClock() });
    const rows = await rowsOf(server);
    expect(rows).toHaveLength(count);

    const walked = await walk(server, { size, direction });
    const pages = direction === 'forward' ? walked : walked.toReversed();

    expect(idsOf(pages)).toEqual(rows);
    expect(walked.map(({ edges }) => edges.length)).toEqual(lengths(count, size));
    expectPageInfo(pages, count);
    expectCursors(pages);
    expectValidLimits(server);
  },
);

test.for(['CONNECTED', 'DISCONNECTED', 'CONNECTING'])(
  'a walk over the %s rows returns all of them, in both directions',
  async (status) => {
    const server = await start({ instances: 450, clock: createTestClock() });
    const rows = await rowsOf(server, status.toLowerCase());
    expect(rows.length).toBeGreaterThan(20);

    for (const direction of directions) {
      const walked = await walk(server, { size: 7, direction, status });
      const pages = direction === 'forward' ? walked : walked.toReversed();
      expect(idsOf(pages)).toEqual(rows);
      expectPageInfo(pages, rows.length);
    }
    expectValidLimits(server);
  },
);

test('a walk returns each row once with FRESH_MS=0', async () => {
  const server = await start({ instances: 250, env: { FRESH_MS: '0' } });
  const rows = await rowsOf(server);
  for (const direction of directions) {
    const walked = await walk(server, { size: 33, direction });
    expect(idsOf(direction === 'forward' ? walked : walked.toReversed())).toEqual(rows);
  }
  expectValidLimits(server);
});

test.for([3, 101])(
  'with %s rows, the cursor of every edge leads to the next rows and to the previous ones',
  async (count) => {
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
  },
);

test('a walk that alternates between two servers returns every row', async () => {
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

/** Number of rows of each page, in the order of the walk: only the last may have fewer. */
function lengths(count: number, size: number): number[] {
  const full = Array.from({ length: Math.floor(count / size) }, () => size);
  return count % size > 0 || count === 0 ? [...full, count % size] : full;
}

function expectPageInfo(pages: readonly Page[], count: number): void {
  let before = 0;
  for (const { edges, pageInfo, totalCount } of pages) {
    expect(totalCount).toBe(count);
    expect(pageInfo.hasPreviousPage).toBe(before > 0);
    before += edges.length;
    expect(pageInfo.hasNextPage).toBe(before < count);
  }
}

function expectCursors(pages: readonly Page[]): void {
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

/** EnviaAI accepts a limit of 1 to 100 [S]. */
function expectValidLimits(server: Started): void {
  const calls = server.calls();
  expect(calls.length).toBeGreaterThan(0);
  for (const call of calls) {
    const limit = Number(/[?&]limit=(\d+)/.exec(call)?.[1]);
    expect(limit).toBeGreaterThanOrEqual(1);
    expect(limit).toBeLessThanOrEqual(100);
  }
}
