import { expect, test } from 'vitest';
import {
  followLists,
  setUpWatch,
  withoutStreams,
  key,
  silenceMs,
} from '#test/support/clients/watching.ts';
import { next, says, startEventServer } from '#test/support/live/event-server.ts';
import { startWatched } from '#test/support/live/watched-server.ts';

test('a stream that breaks is opened again with full jitter, and the list is not live meanwhile', async () => {
  const server = await startWatched();
  const { watch, network, waits, elapse } = setUpWatch(server);
  const list = followLists(watch());
  await expect.poll(() => list.seen).toHaveLength(1);
  network.cut();
  await expect.poll(() => list.last()?.isLive).toBe(false);
  expect(list.last()).toEqual({ ...list.seen[0], isLive: false });
  expect(waits()).toEqual([250]);
  server.control.remove({ key, id: 'inst_def456' });
  await server.pass(4000);
  elapse(250);
  await expect.poll(() => list.last()).toMatchObject({ isLive: true, totalCount: 2 });
  expect(network.opened()).toBe(2);
});

test('a stream without a byte for 45 s is opened again', async () => {
  const server = await startWatched();
  const { watch, network, silences, waits, elapse } = setUpWatch(server);
  const list = followLists(watch());
  await expect.poll(() => list.seen).toHaveLength(1);
  expect(silences()).toBe(1);
  elapse(silenceMs);
  await expect.poll(() => waits()).toEqual([250]);
  expect(list.last()?.isLive).toBe(false);
  elapse(250);
  await expect.poll(() => list.last()?.isLive).toBe(true);
  expect(network.opened()).toBe(2);
});

test('a stream that the server ends is opened again after its retryAfter, not earlier', async () => {
  const server = await startWatched({ env: { LIVE_LIFETIME_MS: '60000' } });
  const { watch, network, waits, elapse } = setUpWatch(server, { random: () => 0 });
  const list = followLists(watch());
  await expect.poll(() => list.seen).toHaveLength(1);
  await server.pass(70_000, 1000);
  await expect.poll(() => waits()).toHaveLength(1);
  const [waitMs = 0] = waits();
  expect(waitMs).toBeGreaterThanOrEqual(1000);
  expect(waitMs).toBeLessThanOrEqual(15_000);
  expect(network.opened()).toBe(1);
  elapse(waitMs);
  await expect.poll(() => list.last()?.isLive).toBe(true);
});

test('after two streams that fail, the list is polled every 5 s, until a stream begins', async () => {
  const server = await startWatched();
  const { watch, network, waits, elapse } = setUpWatch(server);
  network.refuse(true);
  const list = followLists(watch());
  await expect.poll(() => waits()).toEqual([250]);
  expect(server.calls()).toEqual([]);
  elapse(250);
  await expect.poll(() => waits()).toEqual([37_500, 5000]);
  expect(list.last()).toMatchObject({ totalCount: 3, stale: false, isLive: false });

  server.control.status({ key, id: 'inst_abc123', status: 'disconnected' });
  server.clock.advance(5000);
  elapse(5000);
  await expect.poll(() => list.statusOf('inst_abc123')).toBe('disconnected');
  expect(list.last()?.isLive).toBe(false);
  expect(server.calls()).toHaveLength(2);

  network.refuse(false);
  elapse(37_500);
  await expect.poll(() => list.last()?.isLive).toBe(true);
  expect(network.opened()).toBe(3);
  expect(waits()).toEqual([]);
});

test('polls go on while EnviaAI and the server do not answer, and another stream fails', async () => {
  const server = await startWatched();
  let isDown = false;
  const { watch, network, waits, elapse } = setUpWatch(server, { retry: false });
  const { watch: watchDown, ...down } = setUpWatch(server, {
    fetch: (...call) => (isDown ? Promise.reject(new TypeError('fetch failed')) : fetch(...call)),
  });
  network.refuse(true);
  const list = followLists(watch());
  await expect.poll(() => waits()).toEqual([250]);
  elapse(250);
  await expect.poll(() => list.seen).toHaveLength(1);
  elapse(37_500);
  await expect.poll(() => network.opened()).toBe(3);
  await expect.poll(() => waits()).toEqual([5000, 37_500]);

  const other = followLists(watchDown());
  await expect.poll(() => other.seen).toHaveLength(1);
  isDown = true;
  down.elapse(silenceMs);
  await expect.poll(() => down.waits()).toEqual([250]);
  down.elapse(250);
  await expect.poll(() => down.waits()).toEqual([37_500, 5000]);
  isDown = false;
  down.elapse(5000);
  await expect.poll(() => other.seen).toHaveLength(3);
  expect(other.last()).toMatchObject({ totalCount: 3, isLive: false });
});

test('a list that costs more is polled less often', async () => {
  const server = await startWatched({ instances: 450 });
  const { watch, network, waits, elapse } = setUpWatch(server);
  network.refuse(true);
  const list = followLists(watch());
  await expect.poll(() => waits()).toEqual([250]);
  elapse(250);
  await expect.poll(() => list.last()?.instances.length).toBe(450);
  expect(server.calls()).toHaveLength(5);
  expect(waits()).toEqual([37_500, 12_000]);
});

test('without response streams, as in React Native, the list is polled', async () => {
  const server = await startWatched();
  const { watch, waits } = setUpWatch(server, { fetch: withoutStreams });
  const list = followLists(watch());
  await expect.poll(() => list.last()).toMatchObject({ totalCount: 3, isLive: false });
  expect(waits()).toEqual([5000]);
});

test('a server without subscriptions, or with too many streams, is polled at once', async () => {
  const off = await startWatched({ env: { LIVE_POLL_MS: '0' } });
  const list = followLists(setUpWatch(off).watch());
  await expect.poll(() => list.last()).toMatchObject({ totalCount: 3, isLive: false });

  const full = await startWatched({ env: { LIVE_MAX_STREAMS: '2' } });
  await full.openScreen();
  const { watch, waits } = setUpWatch(full);
  const other = followLists(watch());
  await expect.poll(() => other.last()).toMatchObject({ totalCount: 3, isLive: false });
  expect(new Set(waits())).toEqual(new Set([37_500, 5000]));
});

test('a first list that can be read in no way is the failure of its call', async () => {
  const { watch, waits, elapse } = setUpWatch({ url: 'http://127.0.0.1:1' });
  const list = followLists(watch());
  await expect.poll(() => waits()).toEqual([250]);
  elapse(250);
  expect(await list.ended).toMatchObject({ code: 'UNREACHABLE' });
  expect(waits()).toEqual([]);
});

test('an event that has an error in place of its data is a failed stream', async () => {
  const path = ['instances', 'changed', 0, 'id'];
  const errors = [{ message: 'No.', path, extensions: { code: 'INTERNAL_SERVER_ERROR' } }];
  const server = await startEventServer(says(next({ data: null, errors })));
  const { watch } = setUpWatch(server);
  // The server of this test answers no query of the list.
  expect(await followLists(watch()).ended).toMatchObject({ code: 'INVALID_RESPONSE' });
});

test('an abort ends polls and the wait for a stream', async () => {
  const server = await startWatched();
  const { watch, network, waits, elapse } = setUpWatch(server);
  network.refuse(true);
  const abort = new AbortController();
  const list = followLists(watch({ signal: abort.signal }));
  await expect.poll(() => waits()).toEqual([250]);
  elapse(250);
  await expect.poll(() => waits()).toEqual([37_500, 5000]);
  abort.abort();
  expect(await list.ended).toMatchObject({ name: 'AbortError' });
  expect(waits()).toEqual([]);
});
