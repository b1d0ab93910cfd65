import { expect, test } from 'vitest';
import { type HookedStreams, startHookedStreams } from '#test/support/live/hooked-streams.ts';
import { line, openList } from '#test/support/live/watched-server.ts';
import { eventOf } from '#test/support/webhooks/signed.ts';

const id = 'inst_abc123';
const firstPage = 'GET /instances?status=all&limit=100&offset=0';
const minuteMs = 60_000;

test('an event is shown at once, for one call, and the next poll is later for it', async () => {
  const server = await startHookedStreams();
  server.hookUp();
  const { events } = await openList(server);
  await server.pass(1000);
  await server.change(id, 'disconnected');
  expect(await server.callsWhile(100, 50)).toEqual([firstPage]);
  expect(events().slice(1)).toMatchObject([{ changed: [{ id, status: 'DISCONNECTED' }] }]);
  // The budget of a minute has the call once: the next poll is later for it.
  expect(await server.callsWhile(2800)).toEqual([]);
  expect(await server.callsWhile(2000)).toEqual([firstPage]);
});

test('twenty events of an instance within a second are one call at once, and one at its end', async () => {
  const server = await startHookedStreams();
  server.hookUp();
  const { events } = await openList(server);
  await server.pass(500);
  const before = server.calls().length;
  for (let times = 0; times < 20; times += 1) {
    await server.change(id, times % 2 ? 'connected' : 'disconnected');
    await server.pass(45, 45);
  }
  expect(server.calls().slice(before)).toEqual([firstPage]);
  expect(await server.callsWhile(250, 50)).toEqual([firstPage]);
  await server.pass(1000);
  const shown = events().flatMap(({ changed }) => changed);
  expect(shown.filter((row) => row.id === id).at(-1)).toMatchObject({ status: 'CONNECTED' });
});

test('events of several instances within a second are one call at its end, too', async () => {
  const server = await startHookedStreams({ instances: 80 });
  const { events } = await openList(server);
  server.hookUp();
  const ids = events()[0].changed.map((row: { id: string }) => row.id);
  await server.pass(500);
  const before = server.calls().length;
  for (const each of ids) {
    expect(await server.deliver(eventOf(each))).toBe(204);
    await server.pass(10, 10);
  }
  expect(server.calls().slice(before)).toEqual([firstPage]);
  expect(await server.callsWhile(300, 50)).toEqual([firstPage]);
});

/** Delivers events of the rows in turn, two a second, for two minutes. Returns the calls. */
async function storm(server: HookedStreams, rows: readonly { readonly id: string }[]) {
  const before = server.calls().length;
  for (let step = 0; step < 240; step += 1) {
    expect(await server.deliver(eventOf(rows[(step * 7) % rows.length]?.id ?? ''))).toBe(204);
    await server.pass(500);
  }
  const { calls } = server.control.calls({ key: 'test' });
  expect(calls.filter(({ status }) => status === 429)).toEqual([]);
  return calls.slice(before).map(({ call }) => call);
}

test('events without end cost at most what live calls may spend, and no row is stale', async () => {
  const server = await startHookedStreams({ instances: 80, ratePerMinute: 50 });
  const { events } = await openList(server);
  await server.pass(minuteMs);
  const calls = await storm(server, events()[0].changed);
  // Two minutes, and what a minute has at once.
  expect(calls.length).toBeLessThanOrEqual(2 * 22 + 4);
  expect(events().filter(({ stale }) => stale)).toEqual([]);
});

test('events without end leave a third of the calls to the pages of a long list', async () => {
  const server = await startHookedStreams({ instances: 250, ratePerMinute: 50 });
  const { events } = await openList(server);
  await server.pass(minuteMs);
  const calls = await storm(server, events()[0].changed.slice(0, 1));
  expect(calls.length).toBeLessThanOrEqual(2 * 22 + 4);
  const pages = calls.filter((call) => call.includes('offset='));
  expect(pages.length).toBeGreaterThanOrEqual(Math.floor(calls.length / 3));
});

test('events every few seconds make no page of a long list stale', async () => {
  const server = await startHookedStreams({ instances: 250, ratePerMinute: 50 });
  const { events } = await openList(server);
  await server.pass(minuteMs);
  for (let step = 0; step < 15; step += 1) {
    expect(await server.deliver(eventOf(id))).toBe(204);
    await server.pass(8000);
  }
  expect(server.calls()).toContain(`GET /instances/${id}`);
  expect(events().filter(({ stale }) => stale)).toEqual([]);
});

test('a row of a long list is read by its id, which also shows that it has left the list', async () => {
  const server = await startHookedStreams({ instances: 300 });
  server.hookUp();
  const query = 'subscription { instances(status: CONNECTED) { changed { id } gone totalCount } }';
  const { events } = await openList(server, query);
  await expect.poll(() => events().length).toBe(1);
  const { totalCount } = events()[0];
  await server.pass(6000);
  await server.change(id, 'disconnected');
  const get = `GET /instances/${id}`;
  expect(await server.callsWhile(200, 50)).toContain(get);
  expect(events().at(-1)).toEqual({ changed: [], gone: [id], totalCount: totalCount - 1 });
  await server.pass(4000);
  await server.change(id, 'connected');
  expect(await server.callsWhile(200, 50)).toContain(get);
  expect(events().at(-1)).toEqual({ changed: [{ id }], gone: [], totalCount });
});

test('an event shows an instance that is watched by id; one of another costs no call', async () => {
  const server = await startHookedStreams();
  server.hookUp();
  const query = `subscription { instance(id: "${id}") { id status } }`;
  const { results } = await server.open(query);
  await server.pass(500);
  await server.change('inst_def456', 'disconnected');
  expect(await server.callsWhile(500, 50)).toEqual([]);
  await server.change(id, 'disconnected');
  expect(await server.callsWhile(100, 50)).toHaveLength(1);
  expect(results().at(-1).data.instance).toEqual({ id, status: 'DISCONNECTED' });
});

test('a lost event is shown by the next poll', async () => {
  const server = await startHookedStreams();
  server.hookUp({ drop: 1 });
  const { events } = await openList(server);
  server.status(id, 'disconnected');
  expect(await server.callsWhile(2900)).toEqual([]);
  await server.pass(250);
  expect(events().at(-1)).toMatchObject({ changed: [{ id, status: 'DISCONNECTED' }] });
});

test('an event that the budget has no call for is shown when there is one, and ends no stream', async () => {
  const server = await startHookedStreams({ ratePerMinute: 50 });
  server.hookUp();
  const { events } = await openList(server);
  await server.pass(minuteMs + 500);
  server.control.spend({ key: 'test', remaining: 0 });
  await server.query('{ instances { totalCount } }');
  await server.change(id, 'disconnected');
  await server.pass(2 * minuteMs);
  expect(events().at(-1)).toMatchObject({ stale: false });
  const seen = events().flatMap(({ changed }) => changed);
  expect(seen.filter((row) => row.id === id).at(-1)).toMatchObject({ status: 'DISCONNECTED' });
});

test('a scan is shown as soon as its event comes, for one call', async () => {
  const server = await startHookedStreams();
  await server.connect();
  const screen = await server.openScreen();
  await server.pass(4000);
  server.hookUp();
  await server.pass(500);
  server.control.scan({ key: 'test', id: line });
  await server.delivered(1);
  expect(await server.callsWhile(100, 50)).toEqual([`GET /instances/${line}/qrcode`]);
  expect(await screen.ended).toContain('"outcome":"LINKED"');
});

test('a code of another program is shown as soon as its event comes', async () => {
  const server = await startHookedStreams();
  server.hookUp();
  const screen = await server.openScreen();
  await server.pass(4000);
  await server.connect();
  await server.delivered(1);
  const calls = await server.callsWhile(200, 50);
  expect(calls.filter((call) => call.startsWith('GET'))).toEqual([
    expect.stringMatching(/^GET \/instances(\?|\/inst)/),
    `GET /instances/${line}/qrcode`,
  ]);
  expect(screen.results().at(-1).data.instanceQrCode.image).toMatch(/^data:image/);
});

test('events of a line without end cost at most what live calls may spend', async () => {
  const server = await startHookedStreams({ ratePerMinute: 50 });
  await server.connect();
  const screen = await server.openScreen();
  await server.pass(2000);
  const before = server.calls().length;
  for (let step = 0; step < 60; step += 1) {
    expect(await server.deliver(eventOf(line, 'instance.qr_updated'))).toBe(204);
    await server.pass(1000);
  }
  expect(server.calls().length - before).toBeLessThanOrEqual(22 + 4);
  expect(screen.isEnded()).toBe(false);
});
