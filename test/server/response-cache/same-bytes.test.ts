import { expect, test } from 'vitest';
import {
  anew,
  dataOf,
  everything,
  noCache,
  placeless,
  startReusing,
} from '#test/support/response-cache/reusing.ts';

const byId = '{ instance(id: "inst_abc123") { id name status settings { autoRead } } }';
const many =
  'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Instance { name phone } } }';
const entities =
  '{ _entities(representations: [{ __typename: "Instance", id: "inst_def456" }]) { ... on Instance { name } } }';
const several =
  '{ a: instances(first: 2) { ...Some } b: instances(last: 1) { ...Some } c: instance(id: "inst_ghi789") { n: name } } fragment Some on InstanceConnection { totalCount nodes { id } pageInfo { endCursor startCursor } }';

/** And how often it is served again: rows picked by ids, and lists of several pages, are put together anew after a refresh. */
const questions: [string, string, object, number, 1 | 2][] = [
  ['a list', everything, {}, 300, 2],
  ['an account of one page', everything, { first: 100 }, 30, 2],
  ['a list narrowed to one status', everything, { status: 'CONNECTED' }, 30, 2],
  ['a list of one status', everything, { status: 'CONNECTING' }, 300, 2],
  ['an empty list', everything, {}, 0, 2],
  ['one by id', byId, {}, 3, 1],
  ['many by ids', many, { ids: ['inst_ghi789', 'inst_abc123', 'no id!', 'inst_ghi789'] }, 3, 1],
  ['entities', entities, {}, 3, 1],
  ['several at once', several, {}, 150, 1],
];

test.for(questions)(
  'the data of %s has the same bytes whichever way it is answered, and costs a call only when it was called for',
  async ([, document, variables, instances, times]) => {
    const server = await startReusing({ instances });
    const first = await server.query(document, variables);
    expect(first.errors).toBeUndefined();
    const calls = server.calls();
    const asOf = new Date(server.clock.now()).toISOString();

    server.clock.advance(2000);
    const standing = await server.query(document, variables);
    expect(dataOf(standing)).toBe(dataOf(first));
    expect(standing.extensions?.enviaai).toEqual({ calls: 0, asOf, stale: false });
    expect(await server.reused()).toBe(1);
    const made = await server.query(anew(document), variables);
    expect(made.text).toBe(standing.text);
    expect(server.calls()).toEqual(calls);

    server.clock.advance(1);
    const later = new Date(server.clock.now()).toISOString();
    const revalidated = await server.query(document, variables);
    expect(placeless(revalidated)).toBe(placeless(first));
    expect(revalidated.extensions?.enviaai).toEqual({
      calls: calls.length,
      asOf: later,
      stale: false,
    });
    expect(await server.reused()).toBe(times);
    expect(server.calls()).toEqual([...calls, ...calls]);
    const madeLater = await server.query(anew(document), variables);
    expect(dataOf(madeLater)).toBe(dataOf(revalidated));
  },
);

test('a document that was answered before is run with other variables to the bytes that Yoga gives', async () => {
  const server = await startReusing({ instances: 300 });
  await server.query(everything, { first: 1 });
  for (const variables of [
    { first: 2 },
    { first: 100 },
    { status: 'CONNECTED' },
    { first: null, after: null, status: null },
  ]) {
    const direct = await server.query(everything, variables);
    expect(dataOf(direct)).toBe(dataOf(await server.query(anew(everything), variables)));
  }
  expect(await server.reused()).toBe(0);
  // One for each list.
  expect(server.calls()).toHaveLength(2);
});

test('all that a walk is told is the same, cursors too, whether its pages were made or served again', async () => {
  const server = await startReusing({ instances: 250 });
  for (const [round, ask] of [everything, everything, anew(everything)].entries()) {
    let after: string | null = null;
    const ids: string[] = [];
    do {
      const { data } = await server.query(ask, { first: 40, after });
      ids.push(...data.instances.edges.map(({ node }: { node: { id: string } }) => node.id));
      after = data.instances.pageInfo.hasNextPage ? data.instances.pageInfo.endCursor : null;
    } while (after);
    expect(new Set(ids).size).toBe(250);
    expect(ids).toHaveLength(250);
    expect(await server.reused()).toBe(round === 0 ? 0 : 7);
  }
  expect(server.calls()).toHaveLength(3);
});

test('a row that changed is there at once after the refresh, and stands from then on', async () => {
  const server = await startReusing();
  await server.query(everything);
  server.sandbox.control.status({ key: 'test', id: 'inst_abc123', status: 'disconnected' });
  const statusOf = async () => {
    const { data, extensions } = await server.query(everything);
    return [data.instances.edges[0].node.status, extensions?.enviaai?.calls];
  };
  expect(await statusOf()).toEqual(['CONNECTED', 0]);
  server.clock.advance(2001);
  expect(await statusOf()).toEqual(['DISCONNECTED', 1]);
  expect(await server.reused()).toBe(1);
  expect(await statusOf()).toEqual(['DISCONNECTED', 0]);
  expect(await server.reused()).toBe(2);
  expect(server.calls()).toHaveLength(2);
});

test('rows that come and go are told by the next answer after a refresh, on every page of a list', async () => {
  const server = await startReusing({ instances: 150 });
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
  expect(await server.reused()).toBe(1);
});

test.for([
  ['FRESH_MS=0', { FRESH_MS: '0' }, {}],
  ['Cache-Control: no-cache', {}, noCache],
] as const)(
  'with %s every operation is a call, what comes the same is served again, and a change is seen by the next',
  async ([, env, headers]) => {
    const server = await startReusing({ env });
    const ask = () => server.query(everything, {}, headers);
    const first = await ask();
    for (let round = 1; round <= 3; round += 1) {
      const again = await ask();
      expect(dataOf(again)).toBe(dataOf(first));
      expect(again.extensions?.enviaai).toMatchObject({ calls: 1, stale: false });
      expect(await server.reused()).toBe(round);
    }
    server.sandbox.control.status({ key: 'test', id: 'inst_abc123', status: 'disconnected' });
    const changed = await ask();
    expect(changed.data.instances.edges[0].node.status).toBe('DISCONNECTED');
    expect(changed.extensions?.enviaai?.calls).toBe(1);
    expect(await server.reused()).toBe(3);
    expect(server.calls()).toHaveLength(5);
  },
);

test('what one operation calls for with no cache is what the others are served from then on', async () => {
  const server = await startReusing();
  await server.query(everything);
  server.sandbox.control.status({ key: 'test', id: 'inst_abc123', status: 'disconnected' });
  await server.query('{ instances { totalCount } }', {}, noCache);
  const { data, extensions } = await server.query(everything);
  expect(data.instances.edges[0].node.status).toBe('DISCONNECTED');
  expect(extensions?.enviaai?.calls).toBe(0);
  expect(await server.reused()).toBe(0);
  expect(server.calls()).toHaveLength(2);
});
