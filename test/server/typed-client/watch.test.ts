import { createClient } from 'enviaai-graphql/client';
import { expect, test } from 'vitest';
import { followLists, openStreams, setUpWatch, key } from '#test/support/clients/watching.ts';
import { next, says, startEventServer } from '#test/support/live/event-server.ts';
import { startWatched } from '#test/support/live/watched-server.ts';

test('watch yields the list at once, and again when an instance has changed', async () => {
  const server = await startWatched();
  const { watch } = setUpWatch(server);
  const list = followLists(watch());
  await expect.poll(() => list.seen).toHaveLength(1);
  expect(server.calls()).toEqual(['GET /instances?status=all&limit=100&offset=0']);
  expect(list.seen[0]).toMatchObject({ totalCount: 3, stale: false, isLive: true });
  expect(list.seen[0]?.instances.map(({ id }) => id)).toEqual([
    'inst_abc123',
    'inst_def456',
    'inst_ghi789',
  ]);

  server.control.status({ key, id: 'inst_abc123', status: 'disconnected' });
  await server.pass(4000);
  await expect.poll(() => list.statusOf('inst_abc123')).toBe('disconnected');
  expect(list.last()?.instances[1]).toBe(list.seen[0]?.instances[1]);
  expect(list.last()?.instances).toHaveLength(3);
});

test('an instance that is deleted is gone from the list, and a new one has its place', async () => {
  const server = await startWatched();
  const { watch } = setUpWatch(server);
  const list = followLists(watch());
  await expect.poll(() => list.seen).toHaveLength(1);
  server.control.remove({ key, id: 'inst_def456' });
  await server.pass(4000);
  await expect.poll(() => list.last()?.totalCount).toBe(2);
  expect(list.last()?.instances.map(({ id }) => id)).toEqual(['inst_abc123', 'inst_ghi789']);

  server.control.add({ key, count: 2 });
  await server.pass(4000);
  await expect.poll(() => list.last()?.totalCount).toBe(4);
  const page = await createClient({ url: server.url, token: key }).instances.list({ fresh: true });
  expect(list.last()?.instances).toEqual(page.data);
});

test('an instance that has another status is gone from a list of one status', async () => {
  const server = await startWatched();
  const { watch } = setUpWatch(server);
  const list = followLists(watch({ status: 'connected' }));
  await expect.poll(() => list.statusOf('inst_abc123')).toBe('connected');
  server.control.status({ key, id: 'inst_abc123', status: 'disconnected' });
  await server.pass(4000);
  await expect.poll(() => list.statusOf('inst_abc123')).toBeUndefined();
  expect(list.last()?.totalCount).toBe(list.last()?.instances.length);
});

test('a status that does not exist is refused before anything is sent', async () => {
  const server = await startWatched();
  const { watch, network } = setUpWatch(server);
  // @ts-expect-error -- from JavaScript
  expect(await followLists(watch({ status: 'online' })).ended).toMatchObject({
    code: 'BAD_USER_INPUT',
  });
  expect(network.opened()).toBe(0);
});

test('equal watches share one stream, which ends with the last of them', async () => {
  const server = await startWatched();
  const { watch, network, silences } = setUpWatch(server);
  const first = watch();
  const second = watch();
  const other = watch({ status: 'connected' });
  expect(network.opened()).toBe(0);
  const { value } = await first.next();
  expect((await second.next()).value).toBe(value);
  expect(network.opened()).toBe(1);
  await other.next();
  expect(network.opened()).toBe(2);
  await expect.poll(() => openStreams(server)).toBe(2);

  await other.return();
  await first.return();
  await expect.poll(() => openStreams(server)).toBe(1);
  const changed = second.next();
  server.control.status({ key, id: 'inst_abc123', status: 'disconnected' });
  await server.pass(4000);
  expect((await changed).value).not.toBe(value);
  await second.return();
  await expect.poll(() => openStreams(server)).toBe(0);
  expect(silences()).toBe(0);

  await watch().next();
  expect(network.opened()).toBe(3);
});

test('a reader who is slow gets the newest list', async () => {
  const server = await startWatched();
  const { watch } = setUpWatch(server);
  const slow = watch();
  await slow.next();
  const fast = followLists(watch());
  for (const status of ['disconnected', 'connecting'] as const) {
    server.control.status({ key, id: 'inst_abc123', status });
    await server.pass(4000);
    await expect.poll(() => fast.statusOf('inst_abc123')).toBe(status);
  }
  expect((await slow.next()).value).toBe(fast.last());
});

test('a key that is refused ends the watch, for all who read it', async () => {
  const server = await startWatched();
  const { watch, waits, silences } = setUpWatch(server, { token: 'invalid' });
  const lists = [followLists(watch()), followLists(watch())];
  for (const { ended } of lists) {
    expect(await ended).toMatchObject({ code: 'UNAUTHENTICATED' });
  }
  expect([...waits(), silences()]).toEqual([0]);
});

test('a field that cannot be read is null, and the stream goes on', async () => {
  const row = { id: 'inst_1', name: 'One', status: 'CONNECTED', createdAt: null };
  const instances = { complete: true, changed: [row], gone: [], totalCount: 1 };
  const path = ['instances', 'changed', 0, 'createdAt'];
  const errors = [{ message: 'No.', path, extensions: { code: 'UPSTREAM_INVALID_RESPONSE' } }];
  const server = await startEventServer(says(next({ data: { instances }, errors })));
  const list = followLists(setUpWatch(server).watch());
  await expect.poll(() => list.last()).toMatchObject({ isLive: true, totalCount: 1 });
});

test('an abort ends one watch with the signal’s reason; the last one leaves nothing', async () => {
  const server = await startWatched();
  const { watch, waits, silences } = setUpWatch(server);
  const abort = new AbortController();
  const list = followLists(watch({ signal: abort.signal }));
  const other = watch();
  await other.next();
  await expect.poll(() => list.seen).toHaveLength(1);
  await expect.poll(() => openStreams(server)).toBe(1);
  const reason = new Error('The screen is closed');
  abort.abort(reason);
  expect(await list.ended).toBe(reason);
  expect(await openStreams(server)).toBe(1);
  await other.return();
  await expect.poll(() => openStreams(server)).toBe(0);
  expect([...waits(), silences()]).toEqual([0]);
  expect(await followLists(watch({ signal: abort.signal })).ended).toBe(reason);
});
