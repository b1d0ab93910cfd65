import { expect, test } from 'vitest';
import type { Started } from '#test/support/start.ts';
import {
  uncached,
  fullList,
  noCache,
  startCaching,
} from '#test/support/response-cache/caching-server.ts';

const key = 'test';

const byFirst =
  'query Some($first: Int, $after: String) { instances(first: $first, after: $after) { totalCount } }';
const byId =
  'query One($id: ID!, $full: Boolean = true) { instance(id: $id) { id name @include(if: $full) } }';
const byStatus =
  'query ($status: InstanceStatusFilter) { instances(status: $status) { totalCount } }';
const id = 'inst_abc123';

const invalid: [string, string, object, object][] = [
  ['a number that is out of range', byFirst, {}, { first: 0 }],
  ['a text for a number', byFirst, {}, { first: 'two' }],
  ['a fraction', byFirst, {}, { first: 1.5 }],
  ['an invalid cursor', byFirst, {}, { after: 'nowhere' }],
  ['a variable that is missing', byId, { id }, {}],
  ['null for a non-null variable', byId, { id }, { id: null }],
  ['null for a condition', byId, { id }, { id, full: null }],
  ['an object for an id', byId, { id }, { id: { id } }],
  ['an unknown status', byStatus, {}, { status: 'GONE' }],
  ['a status without a filter', byStatus, {}, { status: 'QR_PENDING' }],
];

test.for(invalid)(
  'a cached document with %s gets the same error as an uncached one, and stays cached',
  async ([, document, validVariables, variables]) => {
    const server = await startCaching();
    const first = await server.query(uncached(document), variables);
    const calls = server.calls().length;
    await server.query(document, validVariables);
    for (let times = 0; times < 3; times += 1) {
      const cached = await server.query(document, variables);
      expect(cached.status).toBe(first.status);
      expect(cached.text.replaceAll(/"calls":\d|"asOf":[^,]*/g, '')).toBe(
        first.text.replaceAll(/"calls":\d|"asOf":[^,]*/g, ''),
      );
      expect(cached.headers.get('cache-control')).toBe('no-store');
    }
    expect(first.errors).toHaveLength(1);
    expect(await server.hits()).toBe(0);
    await server.query(document, validVariables);
    expect(await server.hits()).toBe(1);
    expect(server.calls().length).toBeLessThanOrEqual(calls + 1);
  },
);

const logLines = (server: Started) =>
  server.log.filter((line) => line.includes('operation":"Some'));

test('a failed operation is executed once: one call and one log line', async () => {
  const server = await startCaching();
  await server.query(byFirst);
  server.clock.advance(100_000);
  for (let times = 1; times <= 2; times += 1) {
    server.sandbox.control.fail({ key, status: 500 });
    const { data, errors, extensions } = await server.query(byFirst);
    expect([data.instances, errors?.[0]?.extensions['code']]).toEqual([null, 'UPSTREAM_ERROR']);
    expect(extensions?.enviaai).toMatchObject({ calls: 1, asOf: null, stale: false });
    expect(server.calls()).toHaveLength(1 + times);
    await expect.poll(() => logLines(server).length).toBe(1 + times);
  }
  const { data } = await server.query(byFirst);
  expect(data.instances).toEqual({ totalCount: 3 });
  expect(await server.hits()).toBe(0);
});

test('a response with an unreadable row is not cached, and one without it is', async () => {
  const server = await startCaching();
  const { added } = server.sandbox.control.add({ key, instance: { name: null } });
  for (let times = 0; times < 3; times += 1) {
    const { data, errors } = await server.query(fullList);
    expect(data.instances.edges[3].node).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_INVALID_RESPONSE' } }]);
  }
  expect(await server.hits()).toBe(0);
  server.sandbox.control.remove({ key, id: String(added[0]!.id) });
  await server.query(fullList, {}, noCache);
  expect((await server.query(fullList)).errors).toBeUndefined();
  expect(await server.hits()).toBe(1);
  expect(server.calls()).toHaveLength(2);
});

test('a row that becomes unreadable removes the cached response', async () => {
  const server = await startCaching();
  await server.query(fullList);
  server.sandbox.control.add({ key, instance: { name: null }, at: 0 });
  server.clock.advance(2001);
  for (let times = 0; times < 2; times += 1) {
    const { data, errors } = await server.query(fullList);
    expect([data.instances.edges[0].node, errors?.length]).toEqual([null, 1]);
  }
  expect(await server.hits()).toBe(0);
  expect(server.calls()).toHaveLength(2);
});

test('a response with an error in one field is not cached', async () => {
  const server = await startCaching();
  const both =
    'query ($first: Int) { a: instances { totalCount } b: instances(first: $first) { totalCount } }';
  await server.query(both, { first: 1 });
  for (let times = 0; times < 2; times += 1) {
    const { data, errors } = await server.query(both, { first: 0 });
    expect([data, errors?.length]).toEqual([{ a: { totalCount: 3 }, b: null }, 1]);
  }
  expect(await server.hits()).toBe(0);
  expect(server.calls()).toHaveLength(1);
});
