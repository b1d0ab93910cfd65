import { describe, expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { startReplicas } from '#test/support/replicas/replicas.ts';
import { start } from '#test/support/start.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';

const key = 'test';
const id = 'inst_abc123';
const list = '{ instances { nodes { id name status } } }';
const byId = `{ instance(id: "${id}") { id name status } }`;
const connected = '{ instances(status: CONNECTED) { nodes { id status } } }';
const update =
  'mutation ($name: String!) { updateInstance(id: "inst_abc123", input: { name: $name }) { userErrors { code } } }';
const disconnect =
  'mutation { disconnectInstance(id: "inst_abc123") { userErrors { code } instance { status } } }';

interface Answer {
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
}

const rowIn = ({ data }: Answer) =>
  data.instance ?? data.instances.nodes.find((row: { id: string }) => row.id === id);

test('a read after a write shows it, while the list lags behind by two seconds', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  for (const query of [list, byId, connected]) await server.query(query);
  server.sandbox.control.lag({ key, ms: 2000 });
  const done = await server.query(disconnect);
  expect(done.data.disconnectInstance).toEqual({
    userErrors: [],
    instance: { status: 'DISCONNECTED' },
  });
  await server.query(update, { name: 'Renamed' });
  for (let ms = 0; ms < 5000; ms += 250) {
    for (const query of [list, byId]) {
      expect(rowIn(await server.query(query))).toEqual({
        id,
        name: 'Renamed',
        status: 'DISCONNECTED',
      });
    }
    expect(rowIn(await server.query(connected))).toBeUndefined();
    clock.advance(250);
  }
});

test('a read after a write shows it with the budget spent, as a stale answer', async () => {
  const clock = createTestClock();
  const server = await start({ clock, ratePerMinute: 50 });
  await server.query(list);
  clock.advance(10);
  server.sandbox.control.spend({ key, remaining: 1 });
  const { errors } = await server.query(update, { name: 'Renamed' });
  expect(errors).toBeUndefined();
  clock.advance(10);
  for (const query of [list, byId]) {
    const answer = await server.query(query);
    expect(rowIn(answer)).toMatchObject({ name: 'Renamed' });
    expect(answer.extensions?.enviaai).toMatchObject({ calls: 0, stale: true });
  }
  expect(server.calls()).toHaveLength(2);
});

test('of two updates whose answers cross, the one that EnviaAI did last is shown at once', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  await server.query(list);
  server.sandbox.control.fail({ key, times: 1, on: 'writes', delayMs: 300 });
  const first = server.query(update, { name: 'First' });
  await expect.poll(() => server.calls()).toHaveLength(2);
  clock.advance(10);
  await server.query(update, { name: 'Second' });
  clock.advance(10);
  await first;
  for (const query of [list, byId]) {
    expect(rowIn(await server.query(query))).toMatchObject({ name: 'Second' });
  }
});

test('what a list never shows is believed after ten seconds', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  server.sandbox.control.lag({ key, ms: 60_000 });
  await server.query(update, { name: 'Renamed' });
  clock.advance(9000);
  expect(rowIn(await server.query(list))).toMatchObject({ name: 'Renamed' });
  clock.advance(3500);
  expect(rowIn(await server.query(list))).toMatchObject({ name: 'Sales WhatsApp' });
});

test('one setting is sent with the other, and both are shown, if EnviaAI merges them or not', async () => {
  for (const mergeSettings of [true, false]) {
    const server = await start();
    server.sandbox.control.behave({ key, mergeSettings });
    await server.query('{ instances { totalCount } }');
    const { data } = await server.query(
      'mutation { updateInstance(id: "inst_def456", input: { settings: { autoTyping: false } }) { instance { settings { autoRead autoTyping } } } }',
    );
    const settings = { autoRead: true, autoTyping: false };
    expect(data.updateInstance.instance.settings).toEqual(settings);
    const read = await server.query(
      '{ instance(id: "inst_def456") { settings { autoRead autoTyping } } }',
    );
    expect(read.data.instance.settings).toEqual(settings);
  }
});

describe.skipIf(!hasRedis)(`replicas that share a Redis${redisNote}`, () => {
  const startThree = async () => {
    const redis = await startRedis();
    const replicas = await startReplicas({ redis: redis.url, ratePerMinute: 1000 });
    const [one, two, three] = replicas.all;
    if (!one || !two || !three) throw new Error('There are three replicas');
    return { ...replicas, one, two, three, redis };
  };

  test('a read at another replica shows a write at once, each time', async () => {
    const { one, two, three, sandbox } = await startThree();
    sandbox.control.lag({ key, ms: 1000 });
    for (const replica of [one, two, three]) await replica.query(list);
    for (let times = 0; times < 30; times += 1) {
      const [writer, reader] = times % 2 ? [one, two] : [three, one];
      const name = `Name ${times}`;
      const { errors } = await writer.query(update, { name });
      expect(errors).toBeUndefined();
      for (const query of [list, byId]) {
        expect(rowIn(await reader.query(query))).toMatchObject({ name });
      }
    }
  });

  test('the same idempotency key a hundred times at once, over two replicas, creates one instance', async () => {
    const { one, two, sandbox } = await startThree();
    const create =
      'mutation { createInstance(input: { name: "Once", idempotencyKey: "k" }) { instance { id } userErrors { code } } }';
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) => (at % 2 ? one : two).query(create)),
    );
    const ids = new Set(answers.map(({ data }) => data.createInstance?.instance?.id));
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    expect(ids.size).toBe(1);
    expect(sandbox.control.writes({ key }).writes).toHaveLength(1);
  });

  test('two replicas that connect a line at once begin one attempt', async () => {
    const { one, two, sandbox } = await startThree();
    const connect = 'mutation { connectInstance(id: "inst_ghi789") { qrCode { image } } }';
    const answers = await Promise.all([one, two, one, two].map((each) => each.query(connect)));
    const images = new Set(answers.map(({ data }) => data.connectInstance.qrCode.image));
    expect(images.size).toBe(1);
    expect(sandbox.control.writes({ key }).writes).toHaveLength(1);
  });
});
