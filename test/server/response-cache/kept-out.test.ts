import { expect, test } from 'vitest';
import { everything, noCache, startReusing } from '#test/support/response-cache/reusing.ts';

const key = 'test';

test('an answer that tells how the budget stands is made anew each time', async () => {
  const server = await startReusing({ ratePerMinute: 50 });
  const both = '{ instances { totalCount } rateLimit { remaining } }';
  const remaining = [];
  for (let times = 0; times < 3; times += 1) {
    remaining.push((await server.query(both)).data.rateLimit?.remaining);
    server.sandbox.control.spend({ key, requests: 10 });
    await server.query('{ instances { nodes { id } } }', {}, noCache);
  }
  // What the first call of a key finds is not known while its own operation is answered.
  expect(remaining.slice(1)).toEqual([38, 27]);
  expect(await server.reused()).toBe(2);
});

test('that there is none of an id is told for as long as its answer is fresh, and then asked for again', async () => {
  const server = await startReusing({ instances: 300 });
  const byId = '{ instance(id: "inst_nowhere") { id name } }';
  for (const calls of [1, 0, 0]) {
    const { data, errors, extensions } = await server.query(byId);
    expect([data, errors]).toEqual([{ instance: null }, undefined]);
    expect(extensions?.enviaai?.calls).toBe(calls);
  }
  expect(await server.reused()).toBe(2);
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

test('that there is none of an id, proven by reading all pages, is proven again each time', async () => {
  const server = await startReusing();
  await server.query(everything);
  server.clock.advance(2001);
  const many = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
  const ids = ['inst_abc123', 'inst_nowhere'];
  const nodes = [{ id: 'inst_abc123' }, null];
  for (let times = 1; times <= 3; times += 1) {
    const { data, extensions } = await server.query(many, { ids });
    expect([data.nodes, extensions?.enviaai?.calls]).toEqual([nodes, 1]);
    expect(server.calls()).toHaveLength(1 + times);
  }
  expect(await server.reused()).toBe(0);
  server.sandbox.control.add({ key, instance: { id: 'inst_nowhere' } });
  const { data } = await server.query(many, { ids });
  expect(data.nodes).toEqual([{ id: 'inst_abc123' }, { id: 'inst_nowhere' }]);
});

test('a row that is gone is not told of by an answer that was kept, once its page was read again', async () => {
  const server = await startReusing();
  const byId = '{ instance(id: "inst_def456") { name } }';
  await server.query(everything);
  for (let times = 0; times < 2; times += 1) await server.query(byId);
  expect(await server.reused()).toBe(1);
  server.sandbox.control.remove({ key, id: 'inst_def456' });
  await server.query(everything, {}, noCache);
  const { data } = await server.query(byId);
  expect(data.instance).toBeNull();
  expect(await server.reused()).toBe(1);
});

test('what reads nothing is answered as ever, and never counted as served again', async () => {
  const server = await startReusing();
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
    const { data } = await server.query('{ instance(id: "no id!") { id } }');
    expect(data).toEqual({ instance: null });
  }
  expect(await server.reused()).toBe(0);
  expect(server.calls()).toEqual([]);
});
