import { expect, test } from 'vitest';
import { uncached, noCache, startCaching } from '#test/support/response-cache/caching-server.ts';

const key = 'test';
const id = 'inst_abc123';
const byId = `{ instance(id: "${id}") { status } }`;
const list = '{ instances { nodes { status } } }';
const firstOfList = '{ instances(first: 1) { totalCount } }';
const connecting = '{ instances(status: CONNECTING) { nodes { id } } }';

/** The row's status in a response that may be cached, and in one that is not. */
async function statuses(server: Awaited<ReturnType<typeof startCaching>>) {
  const cached = await server.query(byId);
  const executed = await server.query(uncached(byId));
  return [cached.data.instance?.status, executed.data.instance?.status];
}

test('a row by id is served from a newer list, even if an older cached response is fresh', async () => {
  const server = await startCaching();
  const set = (status: 'connected' | 'disconnected') =>
    server.sandbox.control.status({ key, id, status });
  await server.query(byId);
  await server.query(byId);
  expect(await server.hits()).toBe(1);
  set('disconnected');
  server.clock.advance(500);
  await server.query(list, {}, noCache);
  expect(await statuses(server)).toEqual(['DISCONNECTED', 'DISCONNECTED']);
  expect(await statuses(server)).toEqual(['DISCONNECTED', 'DISCONNECTED']);
  set('connected');
  server.clock.advance(500);
  await server.query(list, {}, noCache);
  expect(await statuses(server)).toEqual(['CONNECTED', 'CONNECTED']);
  expect(server.calls()).toHaveLength(3);
});

test('a row that was read by id is served from a newer list', async () => {
  const server = await startCaching({ instances: 300 });
  await server.query(byId, {}, noCache);
  expect(await statuses(server)).toEqual(['CONNECTED', 'CONNECTED']);
  server.sandbox.control.status({ key, id, status: 'disconnected' });
  server.clock.advance(500);
  await server.query(list);
  expect(await statuses(server)).toEqual(['DISCONNECTED', 'DISCONNECTED']);
  expect(server.calls()).toEqual([
    `GET /instances/${id}`,
    'GET /instances?status=all&limit=100&offset=0',
  ]);
});

test('a row by id is served from a newer list of one status', async () => {
  const server = await startCaching({ instances: 300 });
  await server.query(list);
  expect(await statuses(server)).toEqual(['CONNECTED', 'CONNECTED']);
  server.sandbox.control.status({ key, id, status: 'connecting' });
  server.clock.advance(500);
  await server.query(connecting);
  expect(await statuses(server)).toEqual(['CONNECTING', 'CONNECTING']);
  expect(server.calls()).toHaveLength(2);
});

test('a response by id is reused after newer pages that show its row as it does, or not at all', async () => {
  const server = await startCaching();
  await server.query(list);
  await server.query(byId);
  await server.query(byId);
  expect(await server.hits()).toBe(1);
  server.clock.advance(500);
  await server.query(list, {}, noCache);
  await server.query(connecting);
  // The second hit is the list that was revalidated.
  expect(await server.hits()).toBe(2);
  expect(await statuses(server)).toEqual(['CONNECTED', 'CONNECTED']);
  expect(await server.hits()).toBe(3);
  expect(server.calls()).toHaveLength(3);
});

test('a response by id is executed again after more pages and singles than the server remembers', async () => {
  const server = await startCaching({ instances: 300 });
  const ids = server.sandbox.control
    .add({ key, count: 70, instance: { name: 'Other' } })
    .added.map((row) => String(row['id']));
  await server.query(byId);
  await server.query(byId);
  expect(await server.hits()).toBe(1);
  const read = (count: number) =>
    Promise.all(
      ids
        .slice(0, count)
        .map((other) => server.query(`{ instance(id: "${other}") { id } }`, {}, noCache)),
    );
  await read(60);
  await server.query(byId);
  expect(await server.hits()).toBe(2);
  await read(65);
  await server.query(byId);
  expect(await server.hits()).toBe(2);
});

test('a response with two rows is executed again when a page of another list shows one of them differently', async () => {
  const server = await startCaching({ instances: 300 });
  const both =
    '{ a: instance(id: "inst_abc123") { status } b: instance(id: "inst_ghi789") { status } }';
  await server.query(list);
  await server.query(both);
  server.sandbox.control.status({ key, id: 'inst_ghi789', status: 'connecting' });
  server.clock.advance(500);
  await server.query(connecting);
  const { data } = await server.query(both);
  expect(data).toEqual({ a: { status: 'CONNECTED' }, b: { status: 'CONNECTING' } });
});

test('a revalidated list with equal bytes is newer than the list of a cached response by id', async () => {
  const server = await startCaching({ instances: 300 });
  const set = (status: 'connected' | 'connecting') =>
    server.sandbox.control.status({ key, id, status });
  await server.query(firstOfList); // the row is connected, version 1
  set('connecting');
  server.clock.advance(500);
  await server.query(connecting); // version 2
  expect((await server.query(byId)).data.instance.status).toBe('CONNECTING');
  set('connected');
  server.clock.advance(500);
  await server.query(firstOfList, {}, noCache); // the bytes of version 1, newer than version 2
  expect((await server.query(uncached(byId))).data.instance.status).toBe('CONNECTED');
  expect((await server.query(byId)).data.instance.status).toBe('CONNECTED');
});

test('a row that was read with no-cache is served to others', async () => {
  const server = await startCaching({ instances: 300 });
  await server.query(firstOfList);
  server.sandbox.control.status({ key, id, status: 'disconnected' });
  server.clock.advance(500);
  expect((await server.query(byId, {}, noCache)).data.instance.status).toBe('DISCONNECTED');
  expect((await server.query(uncached(byId))).data.instance.status).toBe('DISCONNECTED');
});

test('a list filtered from the whole account is cached until a row joins or leaves it', async () => {
  const server = await startCaching({ instances: 30 });
  const connected = '{ instances(status: CONNECTED) { totalCount nodes { id } } }';
  await server.query('{ instances { totalCount } }');
  const { data } = await server.query(connected);
  const { totalCount } = data.instances;
  const counts = async () => {
    const answers = [await server.query(connected), await server.query(uncached(connected))];
    return answers.map((answer) => answer.data.instances.totalCount);
  };
  expect(await counts()).toEqual([totalCount, totalCount]);
  server.clock.advance(2001);
  expect(await counts()).toEqual([totalCount, totalCount]);
  expect(await server.hits()).toBe(2);
  for (const [status, left] of [
    ['disconnected', totalCount - 1],
    ['connected', totalCount],
  ] as const) {
    server.sandbox.control.status({ key, id, status });
    await server.query('{ instances { totalCount } }', {}, noCache);
    expect(await counts()).toEqual([left, left]);
  }
  const { added } = server.sandbox.control.add({ key, instance: { status: 'connected' } });
  server.clock.advance(2001);
  expect(await counts()).toEqual([totalCount + 1, totalCount + 1]);
  expect(added).toHaveLength(1);
  expect(await server.hits()).toBe(2);
  expect(await counts()).toEqual([totalCount + 1, totalCount + 1]);
  expect(await server.hits()).toBe(3);
});

test('a list of one status is cached after the account has grown beyond one page', async () => {
  const server = await startCaching({ instances: 99 });
  const connected = '{ instances(status: CONNECTED, first: 1) { totalCount } }';
  const before = await server.query(connected);
  server.sandbox.control.add({ key, count: 10, instance: { status: 'connected' } });
  server.clock.advance(2001);
  for (const document of [connected, connected, uncached(connected)]) {
    const { data } = await server.query(document);
    expect(data.instances.totalCount).toBe(before.data.instances.totalCount + 10);
  }
  expect(await server.hits()).toBe(1);
});
