import * as fc from 'fast-check';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { worstCalls } from '#src/graphql/complexity/worst-calls.ts';
import { createSubgraphSchema } from '#src/graphql/schema.ts';
import { startingRows } from '#src/sandbox/account/grow.ts';
import { start, type Started } from '#test/support/start.ts';

const schema = createSubgraphSchema();
const worstOf = (query: string, instances: number) =>
  worstCalls({ schema, document: parse(query) }, { instances }).calls;

const unlimited = { MAX_UPSTREAM_CALLS: '1000000', ENVIAAI_RATE_PER_MINUTE: '100000' };
const startWith = (instances: number) =>
  start({ instances, ratePerMinute: 100_000, env: unlimited });

const none = (count: number) =>
  Array.from({ length: count }, (_, index) => `n${index}: instance(id: "none${index}") { id }`);

test.each([
  ['a list', '{ instances(first: 100) { totalCount } }', 1000, 1],
  [
    'two lists',
    '{ a: instances { totalCount } b: instances(status: CONNECTED) { totalCount } }',
    1000,
    2,
  ],
  ['the end of a list', '{ instances(last: 100) { totalCount } }', 1001, 3],
  ['an id', `{ ${none(1).join(' ')} }`, 1000, 1],
  ['9 ids', `{ ${none(9).join(' ')} }`, 1000, 10],
  ['25 ids', `{ ${none(25).join(' ')} }`, 1000, 11],
  ['25 ids in a small account', `{ ${none(25).join(' ')} }`, 60, 1],
])('the computed worst case occurs: %s', async (_, query, instances, calls) => {
  const server = await startWith(instances);
  const { errors } = await server.query(query);
  expect(errors).toBeUndefined();
  expect(server.calls()).toHaveLength(calls);
  expect(worstOf(query, instances)).toBe(calls);
});

const statuses = ['', 'status: CONNECTED, ', 'status: DISCONNECTED, ', 'status: CONNECTING, '];
const count = fc.constantFrom(1, 10, 11, 50, 100);
const place = fc.nat(399);
const part = fc.oneof(
  fc.record({ kind: fc.constant('first' as const), count, status: fc.nat(3) }),
  fc.record({ kind: fc.constant('last' as const), count, status: fc.nat(3) }),
  fc.record({ kind: fc.constant('after' as const), count, place }),
  fc.record({ kind: fc.constant('before' as const), count, place }),
  fc.record({ kind: fc.constant('ids' as const), ids: fc.array(fc.nat(1200), { maxLength: 30 }) }),
);
type Part = typeof part extends fc.Arbitrary<infer T> ? T : never;

const operation = fc.record({
  parts: fc.array(part, { minLength: 1, maxLength: 5 }),
  gone: fc.record({ at: place, count: fc.constantFrom(0, 1, 12, 50, 200) }),
  noCache: fc.boolean(),
});

test.each([3, 60, 101, 150, 400, 1000])(
  'no operation costs more than its worst case, also after rows were removed: %i instances',
  async (instances) => {
    const server = await startWith(instances);
    const ids = startingRows(instances).map(({ id }) => String(id));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(operation, async ({ parts, gone, noCache }) => {
        const key = `key${(run += 1)}`;
        const cursors = await cursorsOf(server, key);
        const some = ids.slice(gone.at, gone.at + gone.count);
        if (some.length > 0) server.sandbox.control.remove({ key, ids: some });

        const query = queryOf(parts, ids, cursors);
        const before = server.calls(key).length;
        await server.query(query, {}, headersOf(key, noCache));

        const calls = server.calls(key).length - before;
        expect(calls, query).toBeLessThanOrEqual(worstOf(query, instances));
      }),
      { numRuns: 40, seed: instances },
    );
  },
);

const headersOf = (key: string, noCache = false) => ({
  authorization: `Bearer ${key}`,
  ...(noCache && { 'cache-control': 'no-cache' }),
});

/** The cursors of the first 400 rows. The walk also caches their pages. */
async function cursorsOf(server: Started, key: string): Promise<string[]> {
  const cursors: string[] = [];
  for (let page = 0; page < 4; page += 1) {
    const after = cursors.length > 0 ? `, after: "${cursors.at(-1)}"` : '';
    const { data } = await server.query(
      `{ instances(first: 100${after}) { edges { cursor } pageInfo { hasNextPage } } }`,
      {},
      headersOf(key),
    );
    cursors.push(...data.instances.edges.map((edge: { cursor: string }) => edge.cursor));
    if (!data.instances.pageInfo.hasNextPage) break;
  }
  return cursors;
}

function queryOf(parts: readonly Part[], ids: readonly string[], cursors: readonly string[]) {
  const fields = parts.map((part, index) => {
    if (part.kind === 'ids') {
      const list = part.ids.map((at) => JSON.stringify(ids[at] ?? `none${at}`));
      return `f${index}: nodes(ids: [${list.join(', ')}]) { id }`;
    }
    const { kind, count } = part;
    if (kind === 'first' || kind === 'last') {
      return `f${index}: instances(${statuses[part.status]}${kind}: ${count}) { totalCount }`;
    }
    const cursor = cursors[part.place % cursors.length];
    const side = kind === 'after' ? 'first' : 'last';
    return `f${index}: instances(${side}: ${count}, ${kind}: "${cursor}") { totalCount }`;
  });
  return `{ ${fields.join(' ')} }`;
}
