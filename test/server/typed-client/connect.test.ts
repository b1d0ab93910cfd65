import {
  type ClientOptions,
  createClient,
  type EnviaaiError,
  type LinkEvent,
} from 'enviaai-graphql/client';
import { expect, test } from 'vitest';
import { startWatched, type WatchedServer } from '#test/support/live/watched-server.ts';

const id = 'inst_ghi789';
const key = 'test';

/** Never over, unless it is aborted: no stream of these tests is silent. */
const endless: ClientOptions['sleep'] = (_, signal) =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));

function clientOf({ url }: Pick<WatchedServer, 'url'>, options: Partial<ClientOptions> = {}) {
  return createClient({ url, token: key, sleep: endless, ...options }).instances;
}

/** Reads all events. `failure`: what ended them, if not their outcome. */
function follow(events: AsyncIterable<LinkEvent>) {
  const seen: LinkEvent[] = [];
  const read = async () => {
    for await (const event of events) seen.push(event);
  };
  const ended = read().then(
    () => undefined,
    (error: unknown) => error as EnviaaiError,
  );
  return { seen, ended, outcomes: () => seen.map(({ outcome }) => outcome) };
}

const isCode = expect.stringMatching(/^data:image\/png;base64,/);

test('connect yields the code, each new one, and how it ended, for one attempt', async () => {
  const server = await startWatched();
  const { seen, ended } = follow(clientOf(server).connect(id));
  await expect.poll(() => seen).toHaveLength(1);
  await server.pass(75_000);
  expect(seen).toMatchObject([
    { status: 'qr_pending', image: isCode, outcome: null },
    { status: 'qr_pending', image: isCode, outcome: null },
  ]);
  expect(seen[1]?.image).not.toBe(seen[0]?.image);
  expect(Date.parse(seen[1]?.expiresAt ?? '')).toBeGreaterThan(server.clock.now());

  server.control.scan({ key, id });
  await server.pass(3500);
  expect(await ended).toBeUndefined();
  expect(seen.slice(2)).toEqual([
    { status: 'connected', image: null, expiresAt: null, outcome: 'linked' },
  ]);
  expect(server.calls().filter((call) => call.startsWith('POST'))).toHaveLength(1);
});

test('the last event says that nobody scanned a code, and connect can be called again', async () => {
  const server = await startWatched();
  server.control.qr({ key, codes: 1 });
  const { connect } = clientOf(server);
  const { seen, ended } = follow(connect(id));
  await expect.poll(() => seen).toHaveLength(1);
  await server.pass(65_000);
  expect(await ended).toBeUndefined();
  expect(seen.at(-1)).toMatchObject({ image: null, outcome: 'expired' });

  const again = follow(connect(id));
  await expect.poll(() => again.seen).toHaveLength(1);
  expect(again.seen[0]).toMatchObject({ image: isCode, outcome: null });
  server.control.scan({ key, id });
  await server.pass(3500);
  expect(await again.ended).toBeUndefined();
});

test('an instance that is linked already is linked, for one call and without a stream', async () => {
  const server = await startWatched();
  const { seen, ended } = follow(clientOf(server).connect('inst_abc123'));
  expect(await ended).toBeUndefined();
  expect(seen).toEqual([{ status: 'connected', image: null, expiresAt: null, outcome: 'linked' }]);
  expect(server.calls()).toEqual(['POST /instances/inst_abc123/connect']);
});

test('an instance that cannot be linked by a code is REFUSED, and nothing is watched', async () => {
  const server = await startWatched();
  server.control.official({ key, id, on: true });
  const { seen, ended } = follow(clientOf(server).connect(id));
  expect(await ended).toMatchObject({
    code: 'REFUSED',
    userErrors: [{ code: 'OFFICIAL_API_INSTANCE' }],
  });
  expect(seen).toEqual([]);
  expect(server.calls()).toHaveLength(1);
});

test('a caller who may not write is FORBIDDEN', async () => {
  const server = await startWatched({ env: { MUTATIONS: 'off' } });
  expect(await follow(clientOf(server).connect(id)).ended).toMatchObject({ code: 'FORBIDDEN' });
  expect(server.calls()).toEqual([]);
});

const openStreams = async ({ url }: WatchedServer) => {
  const text = await (await fetch(new URL('/metrics', url))).text();
  return Number(/^enviaai_streams_open (\d+)$/m.exec(text)?.[1]);
};

test('nothing is sent before the first event is asked for, and leaving the loop ends the stream', async () => {
  const server = await startWatched();
  const events = clientOf(server).connect(id);
  expect(server.calls()).toEqual([]);
  await events.next();
  const second = events.next();
  await expect.poll(() => openStreams(server)).toBe(1);
  await server.pass(61_000);
  expect(await second).toMatchObject({ done: false, value: { image: isCode } });
  await events.return();
  await expect.poll(() => openStreams(server)).toBe(0);
});

test('an abort ends the loop with the signal’s reason, and ends the stream', async () => {
  const server = await startWatched();
  const abort = new AbortController();
  const reason = new Error('The dialog is closed');
  const { seen, ended } = follow(clientOf(server).connect(id, { signal: abort.signal }));
  await expect.poll(() => openStreams(server)).toBe(1);
  abort.abort(reason);
  expect(await ended).toBe(reason);
  expect(seen).toHaveLength(1);
  await expect.poll(() => openStreams(server)).toBe(0);
});
