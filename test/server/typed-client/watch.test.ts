import {
  type ClientOptions,
  createClient,
  type EnviaaiError,
  type WatchedList,
} from 'enviaai-graphql/client';
import { Agent, fetch as fetchWith } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { next, says, startEventServer } from '#test/support/live/event-server.ts';
import { startWatched, type WatchedServer } from '#test/support/live/watched-server.ts';

const key = 'test';
const silenceMs = 45_000;

/** Waits that end when the test says so. */
function createWaits() {
  const pending = new Set<{ readonly ms: number; readonly resolve: () => void }>();
  const sleep: ClientOptions['sleep'] = (ms, signal) =>
    new Promise((resolve, reject) => {
      const wait = { ms, resolve };
      pending.add(wait);
      signal?.addEventListener('abort', () => {
        pending.delete(wait);
        reject(new Error('aborted'));
      });
    });
  return {
    sleep,
    /** The waits in milliseconds, but for those for silent streams. */
    waits: () => [...pending].flatMap(({ ms }) => (ms === silenceMs ? [] : ms)),
    silences: () => [...pending].filter(({ ms }) => ms === silenceMs).length,
    elapse: (ms: number) => {
      const due = [...pending].find((wait) => wait.ms === ms);
      if (!due) throw new Error(`Nothing waits for ${ms} ms.`);
      pending.delete(due);
      due.resolve();
    },
  };
}

/** A `fetch` whose streams can be cut and refused. */
function createNetwork() {
  const cuts = new Set<AbortController>();
  // After an abort, it connects again without a request, and a server that stops waits for that.
  const agent = new Agent();
  onTestFinished(() => agent.destroy());
  let isRefusing = false;
  let opened = 0;
  const send: typeof fetch = (input, init) => {
    const isStream = new Headers(init?.headers).get('accept') === 'text/event-stream';
    if (!isStream) return fetch(input, init);
    opened += 1;
    if (isRefusing) return Promise.reject(new TypeError('fetch failed'));
    const cut = new AbortController();
    cuts.add(cut);
    const signals = init?.signal ? [init.signal, cut.signal] : [cut.signal];
    const request = { ...init, signal: AbortSignal.any(signals), dispatcher: agent };
    // The declarations of undici and of the platform differ.
    return (fetchWith as unknown as typeof fetch)(input, request);
  };
  return {
    fetch: send,
    opened: () => opened,
    cut: () => cuts.forEach((cut) => cut.abort()),
    refuse: (on: boolean) => void (isRefusing = on),
  };
}

/** A platform whose responses have no streams, as React Native. */
const withoutStreams: typeof fetch = async (...call) => {
  const response = await fetch(...call);
  const { status, headers } = response;
  const isStream = headers.get('content-type')?.startsWith('text/event-stream');
  const text = isStream ? '' : await response.text();
  return { status, headers, text: async () => text } as Response;
};

function setUp(server: Pick<WatchedServer, 'url'>, options: Partial<ClientOptions> = {}) {
  const waits = createWaits();
  const network = createNetwork();
  const { instances } = createClient({
    url: server.url,
    token: key,
    fetch: network.fetch,
    sleep: waits.sleep,
    random: () => 0.25,
    ...options,
  });
  return { ...waits, network, watch: instances.watch };
}

/** Reads all lists. `ended`: what ended them. */
function follow(lists: AsyncIterable<WatchedList>) {
  const seen: WatchedList[] = [];
  const read = async () => {
    for await (const list of lists) seen.push(list);
  };
  const ended = read().then(
    () => undefined,
    (error: unknown) => error as EnviaaiError,
  );
  const last = () => seen[seen.length - 1];
  return {
    seen,
    ended,
    last,
    statusOf: (id: string) => last()?.instances.find((instance) => instance.id === id)?.status,
  };
}

const openStreams = async ({ url }: Pick<WatchedServer, 'url'>) => {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return Number(/^enviaai_streams_open (\d+)$/m.exec(text)?.[1]);
};

test('watch yields the list at once, and again when an instance has changed', async () => {
  const server = await startWatched();
  const { watch } = setUp(server);
  const list = follow(watch());
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
  const { watch } = setUp(server);
  const list = follow(watch());
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
  const { watch } = setUp(server);
  const list = follow(watch({ status: 'connected' }));
  await expect.poll(() => list.statusOf('inst_abc123')).toBe('connected');
  server.control.status({ key, id: 'inst_abc123', status: 'disconnected' });
  await server.pass(4000);
  await expect.poll(() => list.statusOf('inst_abc123')).toBeUndefined();
  expect(list.last()?.totalCount).toBe(list.last()?.instances.length);
});

test('a status that does not exist is refused before anything is sent', async () => {
  const server = await startWatched();
  const { watch, network } = setUp(server);
  // @ts-expect-error -- from JavaScript
  expect(await follow(watch({ status: 'online' })).ended).toMatchObject({
    code: 'BAD_USER_INPUT',
  });
  expect(network.opened()).toBe(0);
});

test('equal watches share one stream, which ends with the last of them', async () => {
  const server = await startWatched();
  const { watch, network, silences } = setUp(server);
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
  const { watch } = setUp(server);
  const slow = watch();
  await slow.next();
  const fast = follow(watch());
  for (const status of ['disconnected', 'connecting'] as const) {
    server.control.status({ key, id: 'inst_abc123', status });
    await server.pass(4000);
    await expect.poll(() => fast.statusOf('inst_abc123')).toBe(status);
  }
  expect((await slow.next()).value).toBe(fast.last());
});

test('a stream that breaks is opened again with full jitter, and the list is not live meanwhile', async () => {
  const server = await startWatched();
  const { watch, network, waits, elapse } = setUp(server);
  const list = follow(watch());
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
  const { watch, network, silences, waits, elapse } = setUp(server);
  const list = follow(watch());
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
  const { watch, network, waits, elapse } = setUp(server, { random: () => 0 });
  const list = follow(watch());
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
  const { watch, network, waits, elapse } = setUp(server);
  network.refuse(true);
  const list = follow(watch());
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
  const { watch, network, waits, elapse } = setUp(server, { retry: false });
  const { watch: watchDown, ...down } = setUp(server, {
    fetch: (...call) => (isDown ? Promise.reject(new TypeError('fetch failed')) : fetch(...call)),
  });
  network.refuse(true);
  const list = follow(watch());
  await expect.poll(() => waits()).toEqual([250]);
  elapse(250);
  await expect.poll(() => list.seen).toHaveLength(1);
  elapse(37_500);
  await expect.poll(() => network.opened()).toBe(3);
  await expect.poll(() => waits()).toEqual([5000, 37_500]);

  const other = follow(watchDown());
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
  const { watch, network, waits, elapse } = setUp(server);
  network.refuse(true);
  const list = follow(watch());
  await expect.poll(() => waits()).toEqual([250]);
  elapse(250);
  await expect.poll(() => list.last()?.instances.length).toBe(450);
  expect(server.calls()).toHaveLength(5);
  expect(waits()).toEqual([37_500, 12_000]);
});

test('without response streams, as in React Native, the list is polled', async () => {
  const server = await startWatched();
  const { watch, waits } = setUp(server, { fetch: withoutStreams });
  const list = follow(watch());
  await expect.poll(() => list.last()).toMatchObject({ totalCount: 3, isLive: false });
  expect(waits()).toEqual([5000]);
});

test('a server without subscriptions, or with too many streams, is polled at once', async () => {
  const off = await startWatched({ env: { LIVE_POLL_MS: '0' } });
  const list = follow(setUp(off).watch());
  await expect.poll(() => list.last()).toMatchObject({ totalCount: 3, isLive: false });

  const full = await startWatched({ env: { LIVE_MAX_STREAMS: '2' } });
  await full.openScreen();
  const { watch, waits } = setUp(full);
  const other = follow(watch());
  await expect.poll(() => other.last()).toMatchObject({ totalCount: 3, isLive: false });
  expect(new Set(waits())).toEqual(new Set([37_500, 5000]));
});

test('a key that is refused ends the watch, for all who read it', async () => {
  const server = await startWatched();
  const { watch, waits, silences } = setUp(server, { token: 'invalid' });
  const lists = [follow(watch()), follow(watch())];
  for (const { ended } of lists) {
    expect(await ended).toMatchObject({ code: 'UNAUTHENTICATED' });
  }
  expect([...waits(), silences()]).toEqual([0]);
});

test('a first list that can be read in no way is the failure of its call', async () => {
  const { watch, waits, elapse } = setUp({ url: 'http://127.0.0.1:1' });
  const list = follow(watch());
  await expect.poll(() => waits()).toEqual([250]);
  elapse(250);
  expect(await list.ended).toMatchObject({ code: 'UNREACHABLE' });
  expect(waits()).toEqual([]);
});

test('a field that cannot be read is null, and the stream goes on', async () => {
  const row = { id: 'inst_1', name: 'One', status: 'CONNECTED', createdAt: null };
  const instances = { complete: true, changed: [row], gone: [], totalCount: 1 };
  const path = ['instances', 'changed', 0, 'createdAt'];
  const errors = [{ message: 'No.', path, extensions: { code: 'UPSTREAM_INVALID_RESPONSE' } }];
  const server = await startEventServer(says(next({ data: { instances }, errors })));
  const list = follow(setUp(server).watch());
  await expect.poll(() => list.last()).toMatchObject({ isLive: true, totalCount: 1 });
});

test('an event that has an error in place of its data is a failed stream', async () => {
  const path = ['instances', 'changed', 0, 'id'];
  const errors = [{ message: 'No.', path, extensions: { code: 'INTERNAL_SERVER_ERROR' } }];
  const server = await startEventServer(says(next({ data: null, errors })));
  const { watch } = setUp(server);
  // The server of this test answers no query of the list.
  expect(await follow(watch()).ended).toMatchObject({ code: 'INVALID_RESPONSE' });
});

test('an abort ends one watch with the signal’s reason; the last one leaves nothing', async () => {
  const server = await startWatched();
  const { watch, waits, silences } = setUp(server);
  const abort = new AbortController();
  const list = follow(watch({ signal: abort.signal }));
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
  expect(await follow(watch({ signal: abort.signal })).ended).toBe(reason);
});

test('an abort ends polls and the wait for a stream', async () => {
  const server = await startWatched();
  const { watch, network, waits, elapse } = setUp(server);
  network.refuse(true);
  const abort = new AbortController();
  const list = follow(watch({ signal: abort.signal }));
  await expect.poll(() => waits()).toEqual([250]);
  elapse(250);
  await expect.poll(() => waits()).toEqual([37_500, 5000]);
  abort.abort();
  expect(await list.ended).toMatchObject({ name: 'AbortError' });
  expect(waits()).toEqual([]);
});
