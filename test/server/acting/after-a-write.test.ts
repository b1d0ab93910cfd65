import { describe, expect, onTestFinished, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { startReplicas } from '#test/support/replicas/replicas.ts';
import { start } from '#test/support/start.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';
import { startUpstream } from '#test/support/upstream.ts';

const key = 'test';
const create = 'mutation { createInstance(input: { name: "New" }) { instance { id } } }';
const byId = 'query ($id: ID!) { instance(id: $id) { name status } }';
const rename =
  'mutation ($id: ID!) { updateInstance(id: $id, input: { name: "Renamed" }) { userErrors { code } } }';
const connect =
  'mutation ($id: ID!) { connectInstance(id: $id) { qrCode { image } userErrors { code } } }';
const disconnect =
  'mutation ($id: ID!) { disconnectInstance(id: $id) { instance { status } userErrors { code } } }';

describe('a created instance', () => {
  const startWithCreated = async () => {
    const clock = createTestClock();
    const server = await start({ clock });
    const { data } = await server.query(create);
    const id: string = data.createInstance.instance.id;
    return { server, clock, id };
  };

  test('is read again as soon as its row is not fresh', async () => {
    const { server, clock, id } = await startWithCreated();
    clock.advance(3000);
    server.sandbox.control.status({ key, id, status: 'connected' });
    const { data, extensions } = await server.query(byId, { id });
    expect(data.instance).toEqual({ name: 'New', status: 'CONNECTED' });
    expect(extensions?.enviaai).toMatchObject({ calls: 1, stale: false });
  });

  test('is read again after a write to it whose outcome is unknown', async () => {
    const { server, id } = await startWithCreated();
    server.sandbox.control.fail({ key, mode: 'lost' });
    const { errors } = await server.query(rename, { id });
    expect(errors?.[0]?.extensions).toEqual({ code: 'OUTCOME_UNKNOWN' });
    expect((await server.query(byId, { id })).data.instance).toMatchObject({ name: 'Renamed' });
  });

  test('is found among other ids while the list lags behind', async () => {
    const { server, clock, id } = await startWithCreated();
    server.sandbox.control.lag({ key, ms: 8000 });
    clock.advance(3000);
    const { data } = await server.query('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: ['inst_abc123', id],
    });
    expect(data.nodes).toEqual([{ id: 'inst_abc123' }, { id }]);
  });
});

/** An EnviaAI of one instance, whose answers to a write the test gives. */
async function startWithAnswer(answerOf: (row: object) => object, change: object) {
  const row = {
    id: 'inst_1',
    name: 'Before',
    status: 'connected',
    lastSeenAt: '2026-01-01T00:00:00.000Z',
    settings: { autoRead: false, autoTyping: true },
  };
  let current: object = row;
  const upstream = await startUpstream((request, response) => {
    const send = (data: unknown, pagination?: object) =>
      response.end(JSON.stringify({ success: true, data, pagination }));
    response.setHeader('content-type', 'application/json');
    if (request.method !== 'GET') {
      send(answerOf(current));
      current = { ...row, ...change };
    } else if (request.url?.includes('/inst_1')) send(current);
    else send([current], { total: 1, limit: 100, offset: 0, hasMore: false });
  });
  onTestFinished(() => upstream.close());
  return start({ upstream: upstream.url.href });
}

test('an answer to a create without the name is completed by a read', async () => {
  const server = await startWithAnswer(() => ({ id: 'inst_1' }), {});
  const { data, errors } = await server.query(
    'mutation { createInstance(input: { name: "Before" }) { instance { id name } } }',
  );
  expect(errors).toBeUndefined();
  expect(data.createInstance.instance).toEqual({ id: 'inst_1', name: 'Before' });
});

test('what an update did not change is not laid over the list: it may have changed since', async () => {
  const change = {
    name: 'Renamed',
    status: 'disconnected',
    lastSeenAt: '2026-01-01T00:00:09.000Z',
  };
  const server = await startWithAnswer((row) => ({ ...row, name: 'Renamed' }), change);
  await server.query(rename, { id: 'inst_1' });
  const { data } = await server.query('{ instances { nodes { name status lastSeenAt } } }');
  expect(data.instances.nodes).toEqual([{ ...change, status: 'DISCONNECTED' }]);
});

test('events that were changed are shown at once, though the answer does not have them', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  server.sandbox.control.lag({ key, ms: 2000 });
  const { errors } = await server.query(
    'mutation { updateInstance(id: "inst_abc123", input: { webhookEvents: ["message.read"] }) { userErrors { code } } }',
  );
  expect(errors).toBeUndefined();
  const { data } = await server.query('{ instances { nodes { id settings { webhookEvents } } } }');
  const events = data.instances.nodes[0].settings.webhookEvents;
  expect(events).toEqual(['message.read']);
});

describe('an attempt to link a line', () => {
  const id = 'inst_ghi789';

  test('goes on after a disconnect that EnviaAI refuses, and so does its status', async () => {
    const server = await start();
    server.sandbox.control.behave({ key, disconnectWhenPending: 'fails' });
    const first = await server.query(connect, { id });
    const { data } = await server.query(disconnect, { id });
    expect(data.disconnectInstance).toEqual({
      instance: { status: 'CONNECTING' },
      userErrors: [],
    });
    expect((await server.query(byId, { id })).data.instance.status).toBe('CONNECTING');
    expect((await server.query(connect, { id })).data).toEqual(first.data);
    expect(server.sandbox.control.writes({ key }).writes).toHaveLength(1);
  });

  test('is begun again after a disconnect whose outcome is unknown', async () => {
    const server = await start();
    const first = await server.query(connect, { id });
    server.sandbox.control.fail({ key, mode: 'lost' });
    await server.query(disconnect, { id });
    const { data } = await server.query(connect, { id });
    expect(data.connectInstance.qrCode.image).not.toBe(first.data.connectInstance.qrCode.image);
  });

  test.skipIf(!hasRedis)(
    `is begun again at every replica after one has disconnected the line${redisNote}`,
    async () => {
      const { url: redis } = await startRedis();
      const replicas = await startReplicas({ redis, count: 2 });
      const [one, two] = replicas.all;
      if (!one || !two) throw new Error('There are two replicas');
      const first = await one.query(connect, { id });
      expect((await two.query(connect, { id })).data).toEqual(first.data);
      await one.query(disconnect, { id });
      // Reads the writes of the other replica, if the message was not here yet.
      await two.query('{ instances { totalCount } }');
      const { data } = await two.query(connect, { id });
      expect(data.connectInstance.qrCode.image).not.toBe(first.data.connectInstance.qrCode.image);
      expect(replicas.sandbox.control.writes({ key }).writes).toHaveLength(3);
    },
  );
});
