import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { envelope, rowsOf, vendorOf } from '#test/support/faults/faulty.ts';
import { start, type StartOptions } from '#test/support/start.ts';
import { startUpstream } from '#test/support/upstream.ts';

const pageAt = (offset: number) => `GET /instances?status=all&limit=100&offset=${offset}`;

const oddIds = ['a b', 'a/b', '../x', 'é', 'a?b=1', '%2e', '.', '👩‍👩‍👧', 'x'.repeat(127) + '.'];

async function startWith(ids: readonly string[], options: StartOptions) {
  const server = await start({ env: { FRESH_MS: '0' }, ...options });
  for (const id of ids) server.sandbox.control.add({ key: 'test', instance: { id } });
  return server;
}

const byId = 'query ($id: ID!) { instance(id: $id) { id } node(id: $id) { id } }';
const byIds = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
const entities =
  'query ($of: [_Any!]!) { found: _entities(representations: $of) { ... on Instance { id } } }';

test('every id that a list shows can be asked for, by one call of the list', async () => {
  const server = await startWith(oddIds, { instances: 3 });
  const { data } = await server.query('{ instances { nodes { id } } }');
  const ids: string[] = data.instances.nodes.map(({ id }: { id: string }) => id);
  expect(ids).toEqual(expect.arrayContaining(oddIds));

  for (const id of oddIds) {
    const one = await server.query(byId, { id });
    expect(one.data).toEqual({ instance: { id }, node: { id } });
    expect(one.extensions?.enviaai?.calls).toBe(1);
  }
  const several = await server.query(byIds, { ids });
  expect(several.data.nodes).toEqual(ids.map((id) => ({ id })));
  const of = ids.map((id) => ({ __typename: 'Instance', id }));
  const references = await server.query(entities, { of });
  expect(references.data.found).toEqual(ids.map((id) => ({ id })));
  expect(new Set(server.calls())).toEqual(new Set([pageAt(0)]));
});

test('an id with such characters is read from a fresh page for no call', async () => {
  const server = await startWith(['a/b'], { instances: 3, clock: createTestClock(), env: {} });
  await server.query('{ instances { totalCount } }');
  expect((await server.query(byId, { id: 'a/b' })).data.instance).toEqual({ id: 'a/b' });
  expect(server.calls()).toEqual([pageAt(0)]);
});

test('an id with such characters is null only after the whole list was read, and never by a GET', async () => {
  const server = await startWith([], { instances: 250 });
  const { data, errors } = await server.query(byId, { id: 'a/b' });
  expect([data, errors]).toEqual([{ instance: null, node: null }, undefined]);
  expect(server.calls()).toEqual([pageAt(0), pageAt(90), pageAt(180)]);
});

test('the scan for it ends at the pages that have it, and other ids are then read by GETs', async () => {
  const server = await startWith([], { instances: 1000 });
  server.sandbox.control.add({ key: 'test', instance: { id: 'a/b' }, at: 150 });
  const { data } = await server.query(byIds, { ids: ['a/b', 'inst_nowhere'] });
  expect(data.nodes).toEqual([{ id: 'a/b' }, null]);
  // The first page, five pages at once, and one GET instead of the six pages that are left.
  const pages = [0, 90, 180, 270, 360, 450].map(pageAt);
  expect(server.calls().toSorted()).toEqual([...pages, 'GET /instances/inst_nowhere'].toSorted());
});

test('if the budget ends before the list does, it is an error and not null', async () => {
  const server = await startWith([], { instances: 500, ratePerMinute: 2 });
  const { data, errors } = await server.query('{ instance(id: "a/b") { id } }');
  expect(data).toEqual({ instance: null });
  expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
});

test('if the pages of the list do not join, it is an error and not null, after few calls', async () => {
  let calls = 0;
  const rows = rowsOf(3000);
  const upstream = await startUpstream((_, response) => {
    calls += 1;
    const data = rows.slice(calls * 100, calls * 100 + 100);
    response.end(JSON.stringify(envelope(data, { total: 250, hasMore: calls % 3 !== 0 })));
  });
  const server = await start({
    upstream: upstream.url.href,
    env: { ENVIAAI_RATE_PER_MINUTE: '1000' },
  });
  const { data, errors } = await server.query('{ instance(id: "a/b") { id } }');
  await upstream.close();
  expect(data).toEqual({ instance: null });
  expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
  expect(calls).toBeLessThan(15);
});

test('an empty id, and one of more than 128 characters, is null without a call', async () => {
  const server = await startWith([], { instances: 3 });
  const { data } = await server.query(byIds, { ids: ['', 'x'.repeat(129)] });
  expect(data.nodes).toEqual([null, null]);
  expect(server.calls()).toEqual([]);
});

test('an operation with such an id is priced with every page of the account', async () => {
  const upstream = await startUpstream(vendorOf(rowsOf(3)));
  const server = await start({
    upstream: upstream.url.href,
    env: { MAX_UPSTREAM_CALLS: '10', ASSUMED_INSTANCES: '1000' },
  });
  const { errors } = await server.query('{ instance(id: "a/b") { id } }');
  await upstream.close();
  expect(errors).toMatchObject([
    { extensions: { code: 'LIMIT_EXCEEDED', limit: 'MAX_UPSTREAM_CALLS' } },
  ]);
  expect(upstream.calls).toEqual([]);
});
