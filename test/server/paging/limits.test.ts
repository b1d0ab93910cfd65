import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start, type Started } from '#test/support/start.ts';
import { idsOf, type Page, pageOf, pageQuery } from '#test/support/paging/walk.ts';

// The examples of docs/paging.md, number by number.

const key = 'test';

/**
 * An account of the rows 1, 2, 3 …, all created in the same moment, so that times tell nothing of
 * their order.
 */
async function numbered(rows: number): Promise<Started> {
  const server = await start({ clock: createTestClock(), instances: 0, env: { FRESH_MS: '0' } });
  for (let number = 1; number <= rows; number += 1) insert(server, number);
  return server;
}

function insert({ sandbox }: Started, number: number, at?: number): void {
  const instance = { id: String(number), createdAt: '2026-01-01T00:00:00Z' };
  sandbox.control.add({ key, instance, ...(at !== undefined && { at }) });
}

const remove = ({ sandbox }: Started, ...numbers: number[]) =>
  sandbox.control.remove({ key, ids: numbers.map(String) });

const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
const numbersIn = (page: Page) => idsOf([page]).map(Number);
const next = (server: Started, page: Page, first: number) =>
  pageOf(server, { first, after: page.pageInfo.endCursor });

test('rows that come and go between two pages cost no row and repeat none', async () => {
  const server = await numbered(6);
  const page = await pageOf(server, { first: 3 });
  expect(numbersIn(page)).toEqual([1, 2, 3]);
  remove(server, 1, 3);
  insert(server, 7, 0);
  expect(numbersIn(await next(server, page, 3))).toEqual([4, 5, 6]);
  expect(server.calls()).toHaveLength(2);
});

test('a row that the upstream itself moves ahead of the reader is missed', async () => {
  const server = await numbered(6);
  const page = await pageOf(server, { first: 3 });
  expect(numbersIn(page)).toEqual([1, 2, 3]);
  remove(server, 5);
  insert(server, 5, 0);
  const rest = await next(server, page, 3);
  expect(numbersIn(rest)).toEqual([4, 6]);
  expect(rest.pageInfo.hasNextPage).toBe(false);
  expect(server.calls()).toHaveLength(2);
});

test('one that it moves behind the reader may come twice', async () => {
  const server = await numbered(16);
  const page = await pageOf(server, { first: 12 });
  remove(server, 2);
  insert(server, 2, 13);
  expect(numbersIn(await next(server, page, 12))).toEqual([13, 14, 2, 15, 16]);
  expect(server.calls()).toHaveLength(2);
});

test('where the last row and eight before it go at once, the next one shows the place', async () => {
  const server = await numbered(30);
  const page = await pageOf(server, { first: 20 });
  remove(server, ...from(12, 20));
  expect(numbersIn(await next(server, page, 20))).toEqual(from(21, 30));
  expect(server.calls()).toHaveLength(2);
});

test('where that one goes, too, rows come twice, and none is missed', async () => {
  const server = await numbered(30);
  const page = await pageOf(server, { first: 20 });
  remove(server, ...from(12, 21));
  expect(numbersIn(await next(server, page, 20))).toEqual([...from(6, 11), ...from(22, 30)]);
  expect(server.calls()).toHaveLength(2);
});

test('a search that takes more than six calls stops, and the same cursor goes on from there a second later', async () => {
  const clock = createTestClock();
  const server = await start({ clock, instances: 1000 });
  const read = [await pageOf(server, { first: 100 })];
  const turn = async () => next(server, read.at(-1) ?? read[0]!, 100);
  while (read.length < 5) read.push(await turn());
  const after = read.at(-1)?.pageInfo.endCursor ?? null;
  const following = idsOf([await turn()]);

  // 40 rows around the place go at once, and the reader comes back when nothing held will do.
  const gone = [...idsOf(read).slice(-20), ...following.slice(0, 20)];
  server.sandbox.control.remove({ key, ids: gone });
  clock.advance(61_000);
  const before = server.calls().length;
  const first = await server.query(pageQuery, { first: 100, after });
  expect(first.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfter: 1 } }]);
  // One where the row was, and six of search.
  expect(server.calls()).toHaveLength(before + 7);

  clock.advance(1000);
  const page = await pageOf(server, { first: 100, after });
  expect(idsOf([page]).slice(0, 80)).toEqual(following.slice(20));
  expect(server.calls()).toHaveLength(before + 14);
});
