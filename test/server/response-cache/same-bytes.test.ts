import { expect, test } from 'vitest';
import {
  uncached,
  dataOf,
  fullList,
  noCache,
  withoutCursors,
  startCaching,
} from '#test/support/response-cache/caching-server.ts';

const byId = '{ instance(id: "inst_abc123") { id name status settings { autoRead } } }';
const many =
  'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Instance { name phone } } }';
const entities =
  '{ _entities(representations: [{ __typename: "Instance", id: "inst_def456" }]) { ... on Instance { name } } }';
const several =
  '{ a: instances(first: 2) { ...Some } b: instances(last: 1) { ...Some } c: instance(id: "inst_ghi789") { n: name } } fragment Some on InstanceConnection { totalCount nodes { id } pageInfo { endCursor startCursor } }';

/**
 * With the number of cache hits: rows by ids and lists of several pages are executed again after a
 * refresh.
 */
const queries: [string, string, object, number, 1 | 2][] = [
  ['a list', fullList, {}, 300, 2],
  ['an account of one page', fullList, { first: 100 }, 30, 2],
  ['a list filtered from the account', fullList, { status: 'CONNECTED' }, 30, 2],
  ['a list of one status', fullList, { status: 'CONNECTING' }, 300, 2],
  ['an empty list', fullList, {}, 0, 2],
  ['one by id', byId, {}, 3, 1],
  ['many by ids', many, { ids: ['inst_ghi789', 'inst_abc123', '', 'inst_ghi789'] }, 3, 1],
  ['entities', entities, {}, 3, 1],
  ['several at once', several, {}, 150, 1],
];

test.for(queries)(
  'the data of %s has equal bytes if it is executed, cached or revalidated',
  async ([, document, variables, instances, times]) => {
    const server = await startCaching({ instances });
    const first = await server.query(document, variables);
    expect(first.errors).toBeUndefined();
    const calls = server.calls();
    const asOf = new Date(server.clock.now()).toISOString();

    server.clock.advance(2000);
    const hit = await server.query(document, variables);
    expect(dataOf(hit)).toBe(dataOf(first));
    expect(hit.extensions?.enviaai).toEqual({
      calls: 0,
      asOf,
      stale: false,
      remaining: 1000 - calls.length,
    });
    expect(await server.hits()).toBe(1);
    const executed = await server.query(uncached(document), variables);
    expect(executed.text).toBe(hit.text);
    expect(server.calls()).toEqual(calls);

    server.clock.advance(1);
    const later = new Date(server.clock.now()).toISOString();
    const revalidated = await server.query(document, variables);
    expect(withoutCursors(revalidated)).toBe(withoutCursors(first));
    expect(revalidated.extensions?.enviaai).toEqual({
      calls: calls.length,
      asOf: later,
      stale: false,
      remaining: 1000 - 2 * calls.length,
    });
    expect(await server.hits()).toBe(times);
    expect(server.calls()).toEqual([...calls, ...calls]);
    const executedLater = await server.query(uncached(document), variables);
    expect(dataOf(executedLater)).toBe(dataOf(revalidated));
  },
);

test('a document of a cached response has the same bytes with other variables as an uncached one', async () => {
  const server = await startCaching({ instances: 300 });
  await server.query(fullList, { first: 1 });
  for (const variables of [
    { first: 2 },
    { first: 100 },
    { status: 'CONNECTED' },
    { first: null, after: null, status: null },
  ]) {
    const direct = await server.query(fullList, variables);
    expect(dataOf(direct)).toBe(dataOf(await server.query(uncached(fullList), variables)));
  }
  expect(await server.hits()).toBe(0);
  // One call for each list.
  expect(server.calls()).toHaveLength(2);
});

test('a walk over cached pages has the same rows and cursors as one over executed pages', async () => {
  const server = await startCaching({ instances: 250 });
  for (const [round, ask] of [fullList, fullList, uncached(fullList)].entries()) {
    let after: string | null = null;
    const ids: string[] = [];
    do {
      const { data } = await server.query(ask, { first: 40, after });
      ids.push(...data.instances.edges.map(({ node }: { node: { id: string } }) => node.id));
      after = data.instances.pageInfo.hasNextPage ? data.instances.pageInfo.endCursor : null;
    } while (after);
    expect(new Set(ids).size).toBe(250);
    expect(ids).toHaveLength(250);
    expect(await server.hits()).toBe(round === 0 ? 0 : 7);
  }
  expect(server.calls()).toHaveLength(3);
});

test('a changed row is in the response after the refresh, which is then cached', async () => {
  const server = await startCaching();
  await server.query(fullList);
  server.sandbox.control.status({ key: 'test', id: 'inst_abc123', status: 'disconnected' });
  const statusOf = async () => {
    const { data, extensions } = await server.query(fullList);
    return [data.instances.edges[0].node.status, extensions?.enviaai?.calls];
  };
  expect(await statusOf()).toEqual(['CONNECTED', 0]);
  server.clock.advance(2001);
  expect(await statusOf()).toEqual(['DISCONNECTED', 1]);
  expect(await server.hits()).toBe(1);
  expect(await statusOf()).toEqual(['DISCONNECTED', 0]);
  expect(await server.hits()).toBe(2);
  expect(server.calls()).toHaveLength(2);
});

test('added and removed rows are in the response after the refresh, on every page of a list', async () => {
  const server = await startCaching({ instances: 150 });
  const ends =
    '{ first: instances(first: 1) { totalCount nodes { id } } last: instances(last: 1) { totalCount nodes { id } } }';
  await server.query(ends);
  await server.query(ends);
  const { added } = server.sandbox.control.add({ key: 'test' });
  server.clock.advance(2001);
  const grown = await server.query(ends);
  expect(grown.data.last).toEqual({ totalCount: 151, nodes: [{ id: added[0]!.id }] });
  expect(grown.data.first.totalCount).toBe(151);
  server.sandbox.control.remove({ key: 'test', id: 'inst_abc123' });
  server.clock.advance(2001);
  const { data } = await server.query(ends);
  expect(data.first.nodes).not.toEqual(grown.data.first.nodes);
  expect([data.first.totalCount, data.last.totalCount]).toEqual([150, 150]);
  expect(await server.hits()).toBe(1);
});

test.for([
  ['FRESH_MS=0', { FRESH_MS: '0' }, {}],
  ['Cache-Control: no-cache', {}, noCache],
] as const)(
  'with %s, every operation is a call, equal rows are a cache hit, and a change is in the next response',
  async ([, env, headers]) => {
    const server = await startCaching({ env });
    const ask = () => server.query(fullList, {}, headers);
    const first = await ask();
    for (let round = 1; round <= 3; round += 1) {
      const again = await ask();
      expect(dataOf(again)).toBe(dataOf(first));
      expect(again.extensions?.enviaai).toMatchObject({ calls: 1, stale: false });
      expect(await server.hits()).toBe(round);
    }
    server.sandbox.control.status({ key: 'test', id: 'inst_abc123', status: 'disconnected' });
    const changed = await ask();
    expect(changed.data.instances.edges[0].node.status).toBe('DISCONNECTED');
    expect(changed.extensions?.enviaai?.calls).toBe(1);
    expect(await server.hits()).toBe(3);
    expect(server.calls()).toHaveLength(5);
  },
);

test('pages that an operation reads with no-cache are served to others', async () => {
  const server = await startCaching();
  await server.query(fullList);
  server.sandbox.control.status({ key: 'test', id: 'inst_abc123', status: 'disconnected' });
  await server.query('{ instances { totalCount } }', {}, noCache);
  const { data, extensions } = await server.query(fullList);
  expect(data.instances.edges[0].node.status).toBe('DISCONNECTED');
  expect(extensions?.enviaai?.calls).toBe(0);
  expect(await server.hits()).toBe(0);
  expect(server.calls()).toHaveLength(2);
});
