import { expect, test } from 'vitest';
import { type HookedStreams, startHookedStreams } from '#test/support/live/hooked-streams.ts';
import { openList } from '#test/support/live/watched-server.ts';

const ids = ['inst_abc123', 'inst_def456', 'inst_ghi789'] as const;
const [id, other, third] = ids;
const minuteMs = 60_000;
const webhookUrl = 'https://graph.example.com/webhooks/enviaai';

/** Calls in a minute of a list that is read every 3 s, and every 15 s. */
const usual = 20;
const few = 4;

/** Opens a list of instances that have our webhook, after an event has shown that it leads here. */
async function watchReported(server: HookedStreams, query?: string, rows: readonly string[] = ids) {
  for (const each of rows) await server.update(each, { webhookUrl });
  server.hookUp();
  const list = await openList(server, query);
  await server.change(id, 'disconnected');
  await server.pass(6000);
  return list;
}
const staleOf = (events: readonly { stale?: boolean }[]) => events.filter(({ stale }) => stale);

test('an account whose instances report here is read every 15 s, and changes show at once', async () => {
  const server = await startHookedStreams();
  const { events } = await watchReported(server);
  expect(await server.callsWhile(minuteMs)).toHaveLength(few);
  await server.change(other, 'disconnected');
  expect(await server.callsWhile(100, 50)).toHaveLength(1);
  expect(events().at(-1)).toMatchObject({ changed: [{ id: other, status: 'DISCONNECTED' }] });
  await server.pass(2 * minuteMs);
  expect(staleOf(events())).toEqual([]);
});

test('that a URL leads here is known from its first event on only', async () => {
  const server = await startHookedStreams();
  for (const each of ids) await server.update(each, { webhookUrl });
  await openList(server);
  expect((await server.callsWhile(minuteMs)).length).toBeGreaterThanOrEqual(usual - 1);
});

test('with one instance that does not report here, the list is read as often as without webhooks', async () => {
  const server = await startHookedStreams();
  await watchReported(server, undefined, [id, other]);
  expect((await server.callsWhile(minuteMs)).length).toBeGreaterThanOrEqual(usual - 1);
});

test('an instance whose webhook lacks the events of its status does not report', async () => {
  const server = await startHookedStreams();
  await server.update(third, { webhookEvents: ['instance.qr_updated', 'message.received'] });
  await watchReported(server);
  expect((await server.callsWhile(minuteMs)).length).toBeGreaterThanOrEqual(usual - 1);
});

test('after a lost event, the change shows within 15 s, and the list is read every 3 s until the next event', async () => {
  const server = await startHookedStreams();
  const { events } = await watchReported(server);
  server.hookUp({ drop: 1 });
  const { length } = events();
  server.status(other, 'disconnected');
  await server.pass(15_000);
  expect(events().slice(length)).toMatchObject([
    { changed: [{ id: other, status: 'DISCONNECTED' }], stale: false },
  ]);
  expect((await server.callsWhile(minuteMs)).length).toBeGreaterThanOrEqual(usual - 1);
  await server.change(third, 'connected');
  await server.pass(6000);
  expect(await server.callsWhile(minuteMs)).toHaveLength(few);
});

test('a new instance shows within 15 s; one that does not report here ends the longer interval', async () => {
  const server = await startHookedStreams();
  const { events } = await watchReported(server);
  server.control.add({ key: 'test', instance: { id: 'inst_new', webhookUrl: null } });
  await server.pass(15_000);
  expect(events().at(-1)).toMatchObject({ changed: [{ id: 'inst_new' }] });
  expect((await server.callsWhile(minuteMs)).length).toBeGreaterThanOrEqual(usual - 1);
});

test('a new instance shows at once with its first event', async () => {
  const server = await startHookedStreams();
  const { events } = await watchReported(server);
  const instance = { id: 'inst_new', webhookUrl, status: 'disconnected' };
  server.control.add({ key: 'test', instance });
  await server.change('inst_new', 'connected');
  await server.pass(200, 50);
  expect(events().at(-1)).toMatchObject({ changed: [{ id: 'inst_new', status: 'CONNECTED' }] });
});

const disconnectedRows =
  'subscription { instances(status: DISCONNECTED) { changed { id } stale } }';

test('a list of a status is read every 15 s, too, where one page shows the whole account', async () => {
  const server = await startHookedStreams();
  await server.query('{ instances { totalCount } }');
  await watchReported(server, disconnectedRows);
  expect(await server.callsWhile(minuteMs)).toHaveLength(few);
});

test('a list of a status alone is read every 3 s: any instance could come into it', async () => {
  const server = await startHookedStreams();
  await watchReported(server, disconnectedRows);
  expect((await server.callsWhile(minuteMs)).length).toBeGreaterThanOrEqual(usual - 1);
});

test('instances that are watched by id and report here are read every 15 s', async () => {
  const server = await startHookedStreams();
  const query = `subscription { instances(ids: ["${id}", "${other}"]) { changed { id status } stale } }`;
  const { events } = await watchReported(server, query, [id, other]);
  expect(await server.callsWhile(minuteMs)).toHaveLength(few);
  await server.change(other, 'disconnected');
  await server.pass(100, 50);
  expect(events().at(-1)).toMatchObject({ changed: [{ id: other, status: 'DISCONNECTED' }] });
  expect(staleOf(events())).toEqual([]);
});

test('in a long list, that an instance is missing is proved as fast as without webhooks', async () => {
  const server = await startHookedStreams({ instances: 0 });
  const webhookEvents = ['instance.connected', 'instance.disconnected'];
  const instance = { webhookUrl, webhookEvents, status: 'connected' };
  const { added } = server.control.add({ key: 'test', count: 250, instance });
  const idAt = (index: number) => String(added.at(index)?.id);
  const [first, last] = [idAt(0), idAt(-1)];
  server.hookUp();
  const query = 'subscription { instances { gone stale } }';
  const { events } = await openList(server, query);
  await server.pass(6000);
  await server.change(first, 'disconnected');
  await server.pass(30_000);
  // Three pages, every 15 s.
  expect(await server.callsWhile(minuteMs)).toHaveLength(3 * few);
  server.control.remove({ key: 'test', id: last });
  await server.pass(27_000);
  expect(events().flatMap(({ gone }) => gone)).toEqual([last]);
});

test('an outage is shown after 18 s, not at the first poll that fails', async () => {
  const server = await startHookedStreams();
  const { events } = await watchReported(server);
  await server.pass(15_000);
  server.control.fail({ key: 'test', times: 1000, status: 503 });
  const sinceMs = () => server.clock.now() - Date.parse(events()[0].asOf);
  while (staleOf(events()).length === 0 && sinceMs() < 2 * minuteMs) await server.pass(250);
  const [stale] = staleOf(events());
  const ageMs = server.clock.now() - Date.parse(Object(stale).asOf);
  expect(ageMs).toBeGreaterThanOrEqual(18_000);
  expect(ageMs).toBeLessThanOrEqual(22_000);
  server.control.fail({ key: 'test', times: 0 });
  await server.pass(minuteMs);
  expect(events().at(-1)).toMatchObject({ stale: false });
});

test('what is known of a webhook outlasts the last stream', async () => {
  const server = await startHookedStreams();
  const list = await watchReported(server);
  list.leave();
  await server.pass(minuteMs);
  await openList(server);
  expect(await server.callsWhile(minuteMs)).toHaveLength(few);
});
