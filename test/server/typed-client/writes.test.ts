import { type ClientOptions, createClient, EnviaaiError } from 'enviaai-graphql/client';
import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start, type Started } from '#test/support/start.ts';
import { always, startUpstream } from '#test/support/upstream.ts';

const id = 'inst_ghi789';

const instancesOf = ({ url }: Pick<Started, 'url'>, options: Partial<ClientOptions> = {}) =>
  createClient({ url, token: 'test', ...options }).instances;

const failureOf = async (call: Promise<unknown>): Promise<EnviaaiError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EnviaaiError);
  return error as EnviaaiError;
};

test('create returns the new instance, for one call, and get finds it', async () => {
  const server = await start();
  const { create, get } = instancesOf(server);
  const created = await create({ name: 'Events', settings: { autoRead: true } });
  expect(created).toMatchObject({
    data: { name: 'Events', status: 'disconnected', phone: null, settings: { autoRead: true } },
    calls: 1,
    errors: [],
  });
  expect(server.calls()).toEqual(['POST /instances']);
  expect(await get(created.data?.id ?? '')).toMatchObject({ name: 'Events' });
});

test('create with the same idempotency key creates one instance', async () => {
  const server = await start();
  const { create } = instancesOf(server);
  const input = { name: 'Once', idempotencyKey: 'order 1' };
  const [first, second] = [await create(input), await create(input)];
  expect(second.data?.id).toBe(first.data?.id);
  expect(server.sandbox.control.writes({ key: 'test' }).writes).toHaveLength(1);
});

test('update returns the fields that it can change, for one call; others stay as they are', async () => {
  const server = await start();
  const { update, get } = instancesOf(server);
  const updated = await update('inst_abc123', { name: 'Sales 2', settings: { autoRead: true } });
  expect(updated).toEqual({
    data: {
      id: 'inst_abc123',
      name: 'Sales 2',
      webhookUrl: 'https://myapp.com/webhooks/whatsapp',
      settings: { autoRead: true, autoTyping: true },
    },
    calls: 1,
    asOf: null,
    stale: false,
    remaining: 999,
    errors: [],
  });
  expect(server.calls()).toEqual(['PATCH /instances/inst_abc123']);
  expect(await get('inst_abc123')).toMatchObject({ name: 'Sales 2', status: 'connected' });
});

test('disconnect returns the status, for one call, and EnviaAI gets the reason', async () => {
  const server = await start();
  const { disconnect } = instancesOf(server);
  const { data } = await disconnect('inst_abc123', { reason: 'Phone lost' });
  expect(data).toEqual({ id: 'inst_abc123', status: 'disconnected' });
  expect(server.calls()).toEqual(['POST /instances/inst_abc123/disconnect']);
  const { writes } = server.sandbox.control.writes({ key: 'test' });
  expect(writes).toMatchObject([{ body: { reason: 'Phone lost' } }]);
});

test('details has the connection, counts and health, for one call each time', async () => {
  const server = await start({ clock: createTestClock() });
  const { details } = instancesOf(server);
  const first = await details('inst_abc123');
  expect(first).toMatchObject({
    instance: { id: 'inst_abc123', name: 'Sales WhatsApp', status: 'connected' },
    connectedAt: expect.any(String),
    stats: { messagesSent: expect.any(Number) },
    health: { latencyMs: expect.any(Number) },
    calls: 1,
    errors: [],
  });
  await details('inst_abc123');
  const call = 'GET /instances/inst_abc123/status';
  expect(server.calls()).toEqual([call, call]);
  expect(await details('inst_none')).toBeNull();
});

test.each([
  [{ name: '' }, 'INVALID', ['input', 'name']],
  [{ name: 'New', webhookUrl: 'no URL' }, 'INVALID_WEBHOOK_URL', ['input', 'webhookUrl']],
])('a change that EnviaAI refuses is REFUSED, with the reasons: %j', async (input, code, field) => {
  const server = await start();
  const error = await failureOf(instancesOf(server).create(input));
  expect(error).toMatchObject({ code: 'REFUSED', retryAfter: null });
  expect(error.userErrors).toEqual([{ code, field, message: error.message }]);
});

test('a change of an instance that does not exist is REFUSED', async () => {
  const server = await start();
  const { update, disconnect } = instancesOf(server);
  const userErrors = [{ code: 'NOT_FOUND' }];
  const refused = { code: 'REFUSED', userErrors };
  expect(await failureOf(update('inst_none', { name: 'x' }))).toMatchObject(refused);
  expect(await failureOf(disconnect('inst_none'))).toMatchObject(refused);
});

test('a change waits for a spent budget as long as the server says, and is made once', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  server.sandbox.control.spend({ key: 'test', remaining: 0 });
  const waits: number[] = [];
  const sleep = async (ms: number) => {
    waits.push(ms);
    clock.advance(ms);
  };
  const { data } = await instancesOf(server, { sleep }).update(id, { name: 'Later' });
  expect(data).toMatchObject({ name: 'Later' });
  expect(waits).toEqual([60_000]);
  expect(server.sandbox.control.writes({ key: 'test' }).writes).toHaveLength(1);
});

/** A sleep that fails the test. */
const noSleep = () => Promise.reject(new Error('The client waits for a retry'));

test('a change with an unknown outcome is not sent again', async () => {
  const server = await start();
  server.sandbox.control.fail({ key: 'test', mode: 'lost', on: 'writes' });
  const call = instancesOf(server, { sleep: noSleep }).update(id, { name: 'Perhaps' });
  expect(await failureOf(call)).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  expect(server.calls()).toEqual([`PATCH /instances/${id}`]);
});

test('a read is retried after any failure with a retryAfter, a change only after RATE_LIMITED', async () => {
  const refusal = (code: string) => ({
    data: null,
    errors: [{ message: 'Not now', extensions: { code, retryAfter: 5 } }],
  });
  const attempts = async (code: string, call: 'get' | 'disconnect') => {
    const upstream = await startUpstream(always(200, refusal(code)));
    const instances = instancesOf({ url: upstream.url.href }, { sleep: async () => {} });
    expect(await failureOf(instances[call](id))).toMatchObject({ code });
    await upstream.close();
    return upstream.calls.length;
  };
  expect(await attempts('UPSTREAM_UNAVAILABLE', 'get')).toBe(3);
  expect(await attempts('UPSTREAM_UNAVAILABLE', 'disconnect')).toBe(1);
  expect(await attempts('OUTCOME_UNKNOWN', 'disconnect')).toBe(1);
  expect(await attempts('RATE_LIMITED', 'disconnect')).toBe(3);
});

test('a response to a change that is lost or not ours leaves its outcome unknown', async () => {
  const broken = await startUpstream((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"data":');
    response.destroy();
  });
  const lost = await failureOf(instancesOf({ url: broken.url.href }).disconnect(id));
  expect(lost).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryAfter: null });
  expect(lost.cause).toBeInstanceOf(TypeError);
  expect(broken.calls).toHaveLength(1);
  await broken.close();

  for (const [status, code] of [
    [200, 'OUTCOME_UNKNOWN'],
    [502, 'OUTCOME_UNKNOWN'],
    [504, 'OUTCOME_UNKNOWN'],
    [403, 'FORBIDDEN'],
    [404, 'INVALID_RESPONSE'],
  ] as const) {
    const proxy = await startUpstream(always(status, '<h1>No</h1>', { 'retry-after': '7' }));
    const call = instancesOf({ url: proxy.url.href }, { sleep: noSleep }).disconnect(id);
    expect(await failureOf(call)).toMatchObject({ code });
    await proxy.close();
  }
});

test('a caller who may not write is FORBIDDEN, without a call', async () => {
  const server = await start({ env: { MUTATIONS: 'off' } });
  const { create, update, disconnect } = instancesOf(server);
  const calls = [create({ name: 'New' }), update(id, { name: 'x' }), disconnect(id)];
  for (const failure of await Promise.all(calls.map(failureOf))) {
    expect(failure).toMatchObject({ code: 'FORBIDDEN', upstreamCode: null });
  }
  expect(server.calls()).toEqual([]);
});
