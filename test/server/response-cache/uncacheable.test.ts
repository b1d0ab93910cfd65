import { expect, test } from 'vitest';
import { fullList, noCache, startCaching } from '#test/support/response-cache/caching-server.ts';

const key = 'test';

test('a response with the rate limit is not cached', async () => {
  const server = await startCaching({ ratePerMinute: 50 });
  const both = '{ instances { totalCount } rateLimit { remaining } }';
  const remaining = [];
  for (let times = 0; times < 3; times += 1) {
    remaining.push((await server.query(both)).data.rateLimit?.remaining);
    server.sandbox.control.spend({ key, requests: 10 });
    await server.query('{ instances { nodes { id } } }', {}, noCache);
  }
  // The rate limit is unknown until the first call of a key is complete.
  expect(remaining.slice(1)).toEqual([38, 27]);
  expect(await server.hits()).toBe(2);
});

test('a 404 of an id is cached while it is fresh, then requested again', async () => {
  const server = await startCaching({ instances: 300 });
  const byId = '{ instance(id: "inst_nowhere") { id name } }';
  for (const calls of [1, 0, 0]) {
    const { data, errors, extensions } = await server.query(byId);
    expect([data, errors]).toEqual([{ instance: null }, undefined]);
    expect(extensions?.enviaai?.calls).toBe(calls);
  }
  expect(await server.hits()).toBe(2);
  server.sandbox.control.add({ key, instance: { id: 'inst_nowhere', name: 'Here' } });
  expect((await server.query(byId)).data.instance).toBeNull();
  server.clock.advance(2001);
  const { data, extensions } = await server.query(byId);
  expect([data.instance, extensions?.enviaai?.calls]).toEqual([
    { id: 'inst_nowhere', name: 'Here' },
    1,
  ]);
  expect(server.calls()).toEqual(['GET /instances/inst_nowhere', 'GET /instances/inst_nowhere']);
});

test('a missing id that was proven by a full scan is scanned again each time', async () => {
  const server = await startCaching();
  await server.query(fullList);
  server.clock.advance(2001);
  const many = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
  const ids = ['inst_abc123', 'inst_nowhere'];
  const nodes = [{ id: 'inst_abc123' }, null];
  for (let times = 1; times <= 3; times += 1) {
    const { data, extensions } = await server.query(many, { ids });
    expect([data.nodes, extensions?.enviaai?.calls]).toEqual([nodes, 1]);
    expect(server.calls()).toHaveLength(1 + times);
  }
  expect(await server.hits()).toBe(0);
  server.sandbox.control.add({ key, instance: { id: 'inst_nowhere' } });
  const { data } = await server.query(many, { ids });
  expect(data.nodes).toEqual([{ id: 'inst_abc123' }, { id: 'inst_nowhere' }]);
});

test('a removed row is not served from a cached response after its page was read again', async () => {
  const server = await startCaching();
  const byId = '{ instance(id: "inst_def456") { name } }';
  await server.query(fullList);
  for (let times = 0; times < 2; times += 1) await server.query(byId);
  expect(await server.hits()).toBe(1);
  server.sandbox.control.remove({ key, id: 'inst_def456' });
  await server.query(fullList, {}, noCache);
  const { data } = await server.query(byId);
  expect(data.instance).toBeNull();
  expect(await server.hits()).toBe(1);
});

test('operations that read nothing are executed, and not counted as cache hits', async () => {
  const server = await startCaching();
  const documents = [
    '{ __typename }',
    '{ _service { sdl } }',
    '{ __schema { queryType { name } } }',
  ];
  for (let times = 0; times < 3; times += 1) {
    for (const document of documents) {
      const { status, extensions } = await server.query(document, {}, { authorization: '' });
      expect([status, extensions]).toEqual([200, undefined]);
    }
    const { data } = await server.query('{ instance(id: "") { id } }');
    expect(data).toEqual({ instance: null });
  }
  expect(await server.hits()).toBe(0);
  expect(server.calls()).toEqual([]);
});

test('an instance whose name is the text of a cursor keeps its name when the cursors change', async () => {
  const server = await startCaching({ instances: 9 });
  const named = (name: string) => {
    const { added } = server.sandbox.control.add({ key: 'test', instance: { name }, at: 9 });
    return String(added[0]?.['id']);
  };
  const placeholder = named('a name');
  const before = await server.query(fullList, {}, noCache);
  const { cursor } = before.data.instances.edges[3];
  server.sandbox.control.remove({ key: 'test', id: placeholder });
  named(cursor);
  const read = async () => {
    const { edges } = (await server.query(fullList, {}, noCache)).data.instances;
    return { cursor: edges[3].cursor, name: edges[9].node.name };
  };
  expect(await read()).toEqual({ cursor, name: cursor });
  server.clock.advance(2001);
  const after = await read();
  expect(after.name).toBe(cursor);
  expect(after.cursor).not.toBe(cursor);
  // Its response is cached: no text is a cursor any more.
  expect(await read()).toEqual(after);
  expect(await server.hits()).toBe(1);
  expect(server.calls()).toHaveLength(4);
});
