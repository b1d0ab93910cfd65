import { expect, test } from 'vitest';
import { startHooked } from '#test/support/webhooks/hooked-server.ts';
import { eventOf } from '#test/support/webhooks/signed.ts';

const id = 'inst_abc123';
const byId = `{ instance(id: "${id}") { status } }`;
const list = '{ instances { nodes { id status } } }';
const disconnected = '{ instances(status: DISCONNECTED) { nodes { id } } }';

type Hooked = Awaited<ReturnType<typeof startHooked>>;

async function statusOf(server: Hooked, query = byId): Promise<string> {
  const { data, errors } = await server.query(query);
  expect(errors).toBeUndefined();
  const { instance = null, instances } = data;
  return (instance ?? instances.nodes.find((row: { id: string }) => row.id === id)).status;
}

test('after an event, the next read within FRESH_MS shows the change for one call', async () => {
  const server = await startHooked();
  server.hookUp();
  expect(await statusOf(server)).toBe('CONNECTED');
  expect(server.calls()).toHaveLength(1);
  server.clock.advance(100);
  server.status(id, 'disconnected');
  await server.delivered(1);
  expect(server.calls()).toHaveLength(1);
  server.clock.advance(10);
  for (let times = 0; times < 3; times += 1) {
    expect(await statusOf(server)).toBe('DISCONNECTED');
  }
  expect(server.calls()).toHaveLength(2);
  expect(await server.outcome('accepted')).toBe(1);
});

test('an event that is lost costs no call: the change is shown after FRESH_MS', async () => {
  const server = await startHooked();
  server.hookUp({ drop: 1 });
  await statusOf(server);
  server.status(id, 'disconnected');
  server.clock.advance(1900);
  expect(await statusOf(server)).toBe('CONNECTED');
  server.clock.advance(200);
  expect(await statusOf(server)).toBe('DISCONNECTED');
  expect(server.calls()).toHaveLength(2);
});

test('an instance that moves to another list is shown there, although no page had it', async () => {
  const server = await startHooked({ instances: 300 });
  server.hookUp();
  const before = await server.query(disconnected);
  expect(before.data.instances.nodes.map((row: { id: string }) => row.id)).not.toContain(id);
  server.clock.advance(10);
  server.status(id, 'disconnected');
  await server.delivered(1);
  server.clock.advance(10);
  const after = await server.query(disconnected);
  expect(after.data.instances.nodes.map((row: { id: string }) => row.id)).toContain(id);
  expect(server.calls()).toHaveLength(2);
});

test('events of another instance leave pages without it fresh', async () => {
  const server = await startHooked({ instances: 300 });
  server.hookUp();
  await server.query('{ instances(first: 100) { nodes { id } } }');
  const calls = server.calls().length;
  server.clock.advance(10);
  expect(await server.deliver(eventOf('inst_elsewhere'))).toBe(204);
  server.clock.advance(10);
  await server.query('{ instances(first: 100) { nodes { id } } }');
  expect(server.calls()).toHaveLength(calls);
});

test('a repeated delivery, each of them late, costs a call more at most and shows the present', async () => {
  const server = await startHooked();
  server.hookUp({ repeat: 4, delayMs: 500 });
  await statusOf(server);
  server.status(id, 'disconnected');
  server.clock.advance(500);
  await server.delivered(5);
  server.clock.advance(10);
  expect(await statusOf(server)).toBe('DISCONNECTED');
  expect(server.calls()).toHaveLength(2);
  // The four others are one report, a second after the first.
  server.clock.advance(1000);
  server.clock.advance(10);
  expect(await statusOf(server)).toBe('DISCONNECTED');
  expect(server.calls()).toHaveLength(3);
  server.clock.advance(1000);
  expect(await statusOf(server)).toBe('DISCONNECTED');
  expect(server.calls()).toHaveLength(3);
});

test('reordered deliveries show the last status, not that of the last delivery', async () => {
  const server = await startHooked();
  server.hookUp({ reorder: true });
  await statusOf(server);
  server.clock.advance(10);
  server.status(id, 'disconnected');
  server.status(id, 'connected');
  await server.delivered(2);
  const { deliveries } = server.sandbox.control.deliveries({ key: 'test' });
  expect(deliveries.map(({ event }) => event)).toEqual([
    'instance.connected',
    'instance.disconnected',
  ]);
  for (const ms of [10, 1000, 10]) {
    server.clock.advance(ms);
    for (const query of [byId, list]) expect(await statusOf(server, query)).toBe('CONNECTED');
  }
});

test('twenty events of one instance in a second make it outdated twice: at once, and at the end', async () => {
  const server = await startHooked();
  server.hookUp();
  await statusOf(server);
  for (let times = 0; times < 20; times += 1) {
    server.status(id, times % 2 ? 'connected' : 'disconnected');
    await server.delivered(times + 1);
    server.clock.advance(45);
    await statusOf(server);
  }
  expect(server.calls()).toHaveLength(2);
  server.clock.advance(100);
  for (let times = 0; times < 3; times += 1) {
    server.clock.advance(10);
    expect(await statusOf(server)).toBe('CONNECTED');
  }
  expect(server.calls()).toHaveLength(3);
});

test('with the budget spent, the row from before the event is served as stale', async () => {
  const server = await startHooked({ ratePerMinute: 50 });
  server.hookUp();
  await statusOf(server);
  server.clock.advance(10);
  server.sandbox.control.spend({ key: 'test', remaining: 0 });
  server.sandbox.control.fail({ key: 'test', times: 10, status: 503 });
  server.status(id, 'disconnected');
  await server.delivered(1);
  server.clock.advance(10);
  const answer = await server.query(byId);
  expect(answer.errors).toBeUndefined();
  expect(answer.data.instance.status).toBe('CONNECTED');
  expect(answer.extensions?.enviaai).toMatchObject({ stale: true });
});
