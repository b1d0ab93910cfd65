import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start, type Started } from '#test/support/start.ts';
import { as, type Direction, idsOf, rowsOf, walk } from '#test/support/paging/walk.ts';

const firstPage = 'GET /instances?status=all&limit=100&offset=0';

/** A server over an account of so many rows, none of which ages. */
const still = (instances: number) => start({ instances, clock: createTestClock() });

test.for([7, 50, 100])(
  'a walk over 500 still rows in pages of %i costs the 6 calls that reading them all does',
  async (size) => {
    for (const direction of ['forward', 'backward'] satisfies Direction[]) {
      const server = await still(500);
      expect(idsOf(await walk(server, { size, direction }))).toHaveLength(500);
      expect(server.calls().length).toBeLessThanOrEqual(6);
    }
  },
);

test('how many there are costs one call, even of a thousand', async () => {
  const server = await still(1000);
  const { data, extensions } = await server.query('{ instances(first: 1) { totalCount } }');
  expect(data.instances.totalCount).toBe(1000);
  expect(extensions?.enviaai?.calls).toBe(1);
  expect(server.calls()).toEqual([firstPage]);
});

test('25 instances by id, in an account of 60, cost one call', async () => {
  const server = await still(60);
  const ids = pick(await rowsOf(server), 25);
  expect(await namesById(server, ids)).toEqual(ids);
  expect(server.calls()).toEqual([firstPage]);
});

test('25 instances by id, scattered over an account of 300, cost 4 calls at most', async () => {
  const server = await still(300);
  const ids = pick(await rowsOf(server), 25);
  expect(await namesById(server, ids)).toEqual(ids);
  expect(server.calls().length).toBeLessThanOrEqual(4);
});

test('one instance by id costs one call, however large the account', async () => {
  const server = await still(1000);
  const [id = ''] = (await rowsOf(server)).slice(700);
  expect(await namesById(server, [id])).toEqual([id]);
  expect(server.calls()).toEqual([`GET /instances/${id}`]);
});

test('the same list asked for by 50 clients at once costs one call', async () => {
  const server = await still(80);
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => server.query('{ instances { nodes { name } } }')),
  );
  expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1);
  expect(server.calls()).toEqual([firstPage]);
  const calls = answers.map(({ extensions }) => extensions?.enviaai?.calls);
  expect(calls.filter((count) => count === 1)).toHaveLength(1);
  expect(calls.filter((count) => count === 0)).toHaveLength(49);
});

test('the same list asked for with 20 keys costs each of them one call, and shows each its own', async () => {
  const server = await still(3);
  const keys = Array.from({ length: 20 }, (_, index) => `tenant-${index}`);
  for (const [index, key] of keys.entries()) {
    server.sandbox.control.add({ key, instance: { name: `Of ${index}` } });
  }
  const answers = await Promise.all(
    keys.map((key) => server.query('{ instances(last: 1) { nodes { name } } }', {}, as(key))),
  );
  expect(answers.map(({ data }) => data.instances.nodes[0].name)).toEqual(
    keys.map((_, index) => `Of ${index}`),
  );
  for (const key of keys) expect(server.calls(key)).toEqual([firstPage]);
});

test('nodes come in the order asked, and null stands for every id that there is none of', async () => {
  const server = await still(60);
  const [first, second] = await rowsOf(server);
  const { data, errors } = await server.query('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
    ids: [second, 'inst_nowhere', first, '', 'a/b', '..', 'x'.repeat(129), 'é', second],
  });
  expect(errors).toBeUndefined();
  const ids = data.nodes.map((node: { id: string } | null) => node?.id ?? null);
  expect(ids).toEqual([second, null, first, null, null, null, null, null, second]);
  expect(server.calls()).toEqual([firstPage]);
});

test('ids that cannot be any instance cost no call', async () => {
  const server = await still(3);
  const { data } = await server.query(`
    {
      empty: instance(id: "") {
        id
      }
      long: node(id: "${'x'.repeat(129)}") {
        id
      }
    }
  `);
  expect(data).toEqual({ empty: null, long: null });
  expect(server.calls()).toEqual([]);
});

/** So many of the rows, evenly scattered. */
const pick = (rows: readonly string[], count: number): string[] =>
  Array.from(
    { length: count },
    (_, index) => rows[Math.floor((index * rows.length) / count)] ?? '',
  );

/** Each asked for in a field of its own, as components of a page do. */
async function namesById(server: Started, ids: readonly string[]): Promise<string[]> {
  const fields = ids.map((id, index) => `i${index}: instance(id: "${id}") { id name }`);
  const { data } = await server.query(`{ ${fields.join(' ')} }`);
  return ids.map((_, index) => data[`i${index}`].id);
}
