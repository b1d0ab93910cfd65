import { expect, test } from 'vitest';
import { openList, startWatched, type WatchedServer } from '#test/support/live/watched-server.ts';

const key = 'test';
const pages = (server: WatchedServer) =>
  server.calls().filter((call) => call.startsWith('GET /instances?')).length;

/** An account of three pages, whose stream has begun. */
async function startLong() {
  const server = await startWatched({ instances: 250 });
  const stream = await openList(server);
  await server.pass(20_000);
  const gone = () => stream.events().flatMap(({ gone: ids }) => ids);
  return { server, ...stream, gone };
}

test('a list of several pages is watched with at most 22 calls a minute', async () => {
  const { server, events } = await startLong();
  expect(events()[0]).toMatchObject({ complete: true, totalCount: 250 });
  expect(events()[0].changed).toHaveLength(250);
  const before = pages(server);
  await server.pass(60_000);
  expect(pages(server) - before).toBeGreaterThan(18);
  expect(pages(server) - before).toBeLessThanOrEqual(22);
});

test('an instance is gone from a list of several pages after two scans without it', async () => {
  const { server, gone, events } = await startLong();
  const id = events()[0].changed[150].id;
  server.control.remove({ key, id });
  const before = pages(server);
  let calls = 0;
  while (gone().length === 0 && calls < 20) {
    await server.pass(1000);
    calls = pages(server) - before;
  }
  expect(gone()).toEqual([id]);
  expect(calls).toBeGreaterThanOrEqual(4);
  expect(calls).toBeLessThanOrEqual(9);
  expect(events().at(-1)).toMatchObject({ complete: false, changed: [], totalCount: 249 });
});

test('an instance that moves to a page that was read already is not gone', async () => {
  const { server, gone, events } = await startLong();
  const { removed } = server.control.remove({ key, id: events()[0].changed[240].id });
  // Between two pages of a scan.
  await server.pass(3000);
  server.control.add({ key, at: 0, instance: { id: removed[0], name: 'Moved' } });
  await server.pass(60_000);
  expect(gone()).toEqual([]);
  expect(
    events().flatMap(({ changed }) =>
      changed.filter(({ name }: { name: string }) => name === 'Moved'),
    ).length,
  ).toBe(1);
});

test('a list of one page proves at once that an instance is gone', async () => {
  const server = await startWatched({ instances: 90 });
  const { events } = await openList(server);
  const { id } = events()[0].changed[80];
  server.control.remove({ key, id });
  await server.pass(3000);
  expect(events().at(-1)).toMatchObject({ gone: [id], totalCount: 89 });
});

test('an instance with another status leaves the list of a status', async () => {
  const server = await startWatched({ instances: 300 });
  const variables = { status: 'CONNECTED' };
  const { events } = await openList(server, undefined, { variables });
  await server.pass(20_000);
  const [{ id }] = events()[0].changed;
  expect(events()[0].totalCount).toBe(events()[0].changed.length);
  server.control.status({ key, id, status: 'disconnected' });
  await server.query(`{ instance(id: "${id}") { status } }`, {}, { 'cache-control': 'no-cache' });
  await server.settle();
  expect(events().at(-1)).toMatchObject({ gone: [id], changed: [] });
  server.control.status({ key, id, status: 'connected' });
  await server.pass(30_000);
  expect(
    events()
      .flatMap(({ changed }) => changed)
      .filter((row) => row.id === id),
  ).toHaveLength(2);
});

test('an account with more pages than LIVE_MAX_PAGES is refused after the page that tells it', async () => {
  const server = await startWatched({ instances: 300, env: { LIVE_MAX_PAGES: '3' } });
  const { events, ended } = await openList(server);
  await ended;
  expect(events()[0]).toMatchObject([
    { path: ['instances'], extensions: { code: 'LIMIT_EXCEEDED', limit: 'LIVE_MAX_PAGES' } },
  ]);
  expect(pages(server)).toBe(1);
});
