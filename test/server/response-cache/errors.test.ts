import { expect, test } from 'vitest';
import type { Started } from '#test/support/start.ts';
import { anew, everything, noCache, startReusing } from '#test/support/response-cache/reusing.ts';

const key = 'test';

const byFirst =
  'query Some($first: Int, $after: String) { instances(first: $first, after: $after) { totalCount } }';
const byId =
  'query One($id: ID!, $full: Boolean = true) { instance(id: $id) { id name @include(if: $full) } }';
const byStatus = 'query ($status: InstanceStatus) { instances(status: $status) { totalCount } }';
const id = 'inst_abc123';

const wrong: [string, string, object, object][] = [
  ['a number that is out of range', byFirst, {}, { first: 0 }],
  ['a text for a number', byFirst, {}, { first: 'two' }],
  ['a fraction', byFirst, {}, { first: 1.5 }],
  ['a cursor that is none', byFirst, {}, { after: 'nowhere' }],
  ['a variable that is missing', byId, { id }, {}],
  ['null where there has to be something', byId, { id }, { id: null }],
  ['null for a condition', byId, { id }, { id, full: null }],
  ['an object for an id', byId, { id }, { id: { id } }],
  ['a status that there is not', byStatus, {}, { status: 'GONE' }],
  ['a status that cannot be narrowed to', byStatus, {}, { status: 'QR_PENDING' }],
];

test.for(wrong)(
  'a known document is told of %s in the words of the first time, and is answered again after',
  async ([, document, right, variables]) => {
    const server = await startReusing();
    const first = await server.query(anew(document), variables);
    const calls = server.calls().length;
    await server.query(document, right);
    for (let times = 0; times < 3; times += 1) {
      const known = await server.query(document, variables);
      expect(known.status).toBe(first.status);
      expect(known.text.replaceAll(/"calls":\d|"asOf":[^,]*/g, '')).toBe(
        first.text.replaceAll(/"calls":\d|"asOf":[^,]*/g, ''),
      );
      expect(known.headers.get('cache-control')).toBe('no-store');
    }
    expect(first.errors).toHaveLength(1);
    expect(await server.reused()).toBe(0);
    await server.query(document, right);
    expect(await server.reused()).toBe(1);
    expect(server.calls().length).toBeLessThanOrEqual(calls + 1);
  },
);

const faults = (server: Started) => server.log.filter((line) => line.includes('operation":"Some'));

test('an operation that fails is executed once: one call, one line of the log, one count', async () => {
  const server = await startReusing();
  await server.query(byFirst);
  server.clock.advance(100_000);
  for (let times = 1; times <= 2; times += 1) {
    server.sandbox.control.fail({ key, status: 500 });
    const { data, errors, extensions } = await server.query(byFirst);
    expect([data.instances, errors?.[0]?.extensions['code']]).toEqual([null, 'UPSTREAM_ERROR']);
    expect(extensions?.enviaai).toEqual({ calls: 1, asOf: null, stale: false });
    expect(server.calls()).toHaveLength(1 + times);
    await expect.poll(() => faults(server).length).toBe(1 + times);
  }
  const { data } = await server.query(byFirst);
  expect(data.instances).toEqual({ totalCount: 3 });
  expect(await server.reused()).toBe(0);
});

test('an answer with a row that cannot be read is made anew each time, and one without it is kept', async () => {
  const server = await startReusing();
  const { added } = server.sandbox.control.add({ key, instance: { name: null } });
  for (let times = 0; times < 3; times += 1) {
    const { data, errors } = await server.query(everything);
    expect(data.instances.edges[3].node).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_INVALID_RESPONSE' } }]);
  }
  expect(await server.reused()).toBe(0);
  server.sandbox.control.remove({ key, id: String(added[0]!.id) });
  await server.query(everything, {}, noCache);
  expect((await server.query(everything)).errors).toBeUndefined();
  expect(await server.reused()).toBe(1);
  expect(server.calls()).toHaveLength(2);
});

test('a row that becomes unreadable takes the kept answer along', async () => {
  const server = await startReusing();
  await server.query(everything);
  server.sandbox.control.add({ key, instance: { name: null }, at: 0 });
  server.clock.advance(2001);
  for (let times = 0; times < 2; times += 1) {
    const { data, errors } = await server.query(everything);
    expect([data.instances.edges[0].node, errors?.length]).toEqual([null, 1]);
  }
  expect(await server.reused()).toBe(0);
  expect(server.calls()).toHaveLength(2);
});

test('an error in one field does not keep the answer of its neighbours', async () => {
  const server = await startReusing();
  const both =
    'query ($first: Int) { a: instances { totalCount } b: instances(first: $first) { totalCount } }';
  await server.query(both, { first: 1 });
  for (let times = 0; times < 2; times += 1) {
    const { data, errors } = await server.query(both, { first: 0 });
    expect([data, errors?.length]).toEqual([{ a: { totalCount: 3 }, b: null }, 1]);
  }
  expect(await server.reused()).toBe(0);
  expect(server.calls()).toHaveLength(1);
});
