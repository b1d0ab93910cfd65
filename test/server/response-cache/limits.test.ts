import { expect, test } from 'vitest';
import { startCaching } from '#test/support/response-cache/caching-server.ts';

const byIds = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
const ids = (count: number) => Array.from({ length: count }, (_, index) => `inst_${index}`);

test('a cached document is rejected with variables that could cause too many calls', async () => {
  const server = await startCaching({ env: { MAX_UPSTREAM_CALLS: '5' } });
  const document =
    'query ($a: ID!, $b: ID!, $last: Int) { a: instance(id: $a) { id } b: instance(id: $b) { id } instances(last: $last, before: null) { totalCount } }';
  const small = { a: 'inst_abc123', b: 'inst_abc123', last: null };
  for (let times = 0; times < 3; times += 1) {
    expect((await server.query(document, small)).errors).toBeUndefined();
  }
  expect(await server.hits()).toBe(2);
  const { status, data, errors } = await server.query(document, { ...small, b: 'inst_2', last: 5 });
  expect([status, data]).toEqual([400, undefined]);
  expect(errors).toMatchObject([
    { extensions: { code: 'LIMIT_EXCEEDED', limit: 'MAX_UPSTREAM_CALLS' } },
  ]);
  expect((await server.query(document, small)).errors).toBeUndefined();
  expect(server.calls()).toHaveLength(1);
});

test('a cached document is rejected with variables that could give too many fields', async () => {
  const server = await startCaching({ env: { MAX_FIELDS: '100' } });
  const document = 'query ($first: Int) { instances(first: $first) { nodes { id name status } } }';
  for (let times = 0; times < 3; times += 1) {
    expect((await server.query(document, { first: 10 })).errors).toBeUndefined();
  }
  const { status, errors } = await server.query(document, { first: 100 });
  expect(status).toBe(400);
  expect(errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'MAX_FIELDS' } }]);
  expect(await server.hits()).toBe(2);
  expect(server.calls()).toHaveLength(1);
});

test('a cached document is rejected with more ids than MAX_IDS', async () => {
  const server = await startCaching({ env: { MAX_IDS: '10' } });
  for (let times = 0; times < 3; times += 1) {
    expect((await server.query(byIds, { ids: ids(10) })).errors).toBeUndefined();
  }
  const calls = server.calls().length;
  for (let times = 0; times < 2; times += 1) {
    const { errors } = await server.query(byIds, { ids: ids(11) });
    expect(errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'MAX_IDS' } }]);
  }
  expect(server.calls()).toHaveLength(calls);
});
