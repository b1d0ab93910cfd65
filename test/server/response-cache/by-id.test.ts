import { expect, test } from 'vitest';
import { anew, noCache, startReusing } from '#test/support/response-cache/reusing.ts';

const key = 'test';
const id = 'inst_abc123';
const byId = `{ instance(id: "${id}") { status } }`;
const list = '{ instances { nodes { status } } }';
const firstOfList = '{ instances(first: 1) { totalCount } }';
const connecting = '{ instances(status: CONNECTING) { nodes { id } } }';

/** What a known document tells of the row, and what one does that was never asked before. */
async function told(server: Awaited<ReturnType<typeof startReusing>>) {
  const known = await server.query(byId);
  const made = await server.query(anew(byId));
  return [known.data.instance?.status, made.data.instance?.status];
}

test('a list that shows a row differently is what is told of it by id, though an older answer is fresh', async () => {
  const server = await startReusing();
  const set = (status: 'connected' | 'disconnected') =>
    server.sandbox.control.status({ key, id, status });
  await server.query(byId);
  await server.query(byId);
  expect(await server.reused()).toBe(1);
  set('disconnected');
  server.clock.advance(500);
  await server.query(list, {}, noCache);
  expect(await told(server)).toEqual(['DISCONNECTED', 'DISCONNECTED']);
  expect(await told(server)).toEqual(['DISCONNECTED', 'DISCONNECTED']);
  set('connected');
  server.clock.advance(500);
  await server.query(list, {}, noCache);
  expect(await told(server)).toEqual(['CONNECTED', 'CONNECTED']);
  expect(server.calls()).toHaveLength(3);
});

test('a row asked for by itself is told anew once a list has brought it', async () => {
  const server = await startReusing({ instances: 300 });
  await server.query(byId, {}, noCache);
  expect(await told(server)).toEqual(['CONNECTED', 'CONNECTED']);
  server.sandbox.control.status({ key, id, status: 'disconnected' });
  server.clock.advance(500);
  await server.query(list);
  expect(await told(server)).toEqual(['DISCONNECTED', 'DISCONNECTED']);
  expect(server.calls()).toEqual([
    `GET /instances/${id}`,
    'GET /instances?status=all&limit=100&offset=0',
  ]);
});

test('a list of one status that has a row by now is what is told of it by id', async () => {
  const server = await startReusing({ instances: 300 });
  await server.query(list);
  expect(await told(server)).toEqual(['CONNECTED', 'CONNECTED']);
  server.sandbox.control.status({ key, id, status: 'connecting' });
  server.clock.advance(500);
  await server.query(connecting);
  expect(await told(server)).toEqual(['CONNECTING', 'CONNECTING']);
  expect(server.calls()).toHaveLength(2);
});

test('an answer by id is made anew, at no call, once anything newer is held', async () => {
  const server = await startReusing();
  await server.query(list);
  await server.query(byId);
  await server.query(byId);
  expect(await server.reused()).toBe(1);
  server.clock.advance(500);
  await server.query(list, {}, noCache);
  expect(await told(server)).toEqual(['CONNECTED', 'CONNECTED']);
  // The list that was called for again.
  expect(await server.reused()).toBe(2);
  expect(server.calls()).toHaveLength(2);
});

test('a list that came again as it was before is newer than what a kept answer by id came from', async () => {
  const server = await startReusing({ instances: 300 });
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
  expect((await server.query(anew(byId))).data.instance.status).toBe('CONNECTED');
  expect((await server.query(byId)).data.instance.status).toBe('CONNECTED');
});

test('a row that was asked for with no cache is what others are told', async () => {
  const server = await startReusing({ instances: 300 });
  await server.query(firstOfList);
  server.sandbox.control.status({ key, id, status: 'disconnected' });
  server.clock.advance(500);
  expect((await server.query(byId, {}, noCache)).data.instance.status).toBe('DISCONNECTED');
  expect((await server.query(anew(byId))).data.instance.status).toBe('DISCONNECTED');
});

test('a list narrowed from the whole account is served again, and not after a row left or joined it', async () => {
  const server = await startReusing({ instances: 30 });
  const connected = '{ instances(status: CONNECTED) { totalCount nodes { id } } }';
  await server.query('{ instances { totalCount } }');
  const { data } = await server.query(connected);
  const { totalCount } = data.instances;
  const counts = async () => {
    const answers = [await server.query(connected), await server.query(anew(connected))];
    return answers.map((answer) => answer.data.instances.totalCount);
  };
  expect(await counts()).toEqual([totalCount, totalCount]);
  server.clock.advance(2001);
  expect(await counts()).toEqual([totalCount, totalCount]);
  expect(await server.reused()).toBe(2);
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
  expect(await server.reused()).toBe(2);
  expect(await counts()).toEqual([totalCount + 1, totalCount + 1]);
  expect(await server.reused()).toBe(3);
});

test('a list of one status is served again when its account grew past what one page holds', async () => {
  const server = await startReusing({ instances: 99 });
  const connected = '{ instances(status: CONNECTED, first: 1) { totalCount } }';
  const before = await server.query(connected);
  server.sandbox.control.add({ key, count: 10, instance: { status: 'connected' } });
  server.clock.advance(2001);
  for (const document of [connected, connected, anew(connected)]) {
    const { data } = await server.query(document);
    expect(data.instances.totalCount).toBe(before.data.instances.totalCount + 10);
  }
  expect(await server.reused()).toBe(1);
});
