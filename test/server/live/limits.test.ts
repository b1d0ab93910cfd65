import { expect, test } from 'vitest';
import { line, startWatched, type WatchedServer } from '#test/support/live/watched-server.ts';

/** The code and the limit of a stream that is refused; null: it is open. */
async function refusalOf(server: WatchedServer, headers: Record<string, string> = {}) {
  const stream = await server.openScreen(line, { headers });
  await expect.poll(() => stream.results().length).toBeGreaterThan(0);
  const { code, limit } = stream.results()[0].errors?.[0].extensions ?? {};
  return code === undefined ? null : `${stream.status} ${code} ${limit}`;
}

const poll = async (server: WatchedServer, streams: number) => {
  const metrics = async () => (await fetch(new URL('/metrics', server.url))).text();
  await expect.poll(metrics).toContain(`enviaai_streams_open ${streams}\n`);
};

test('one key may have half of LIVE_MAX_STREAMS, and a stream too many makes no call', async () => {
  const server = await startWatched({ env: { LIVE_MAX_STREAMS: '4' } });
  expect([await refusalOf(server), await refusalOf(server)]).toEqual([null, null]);
  const calls = server.calls();
  expect(await refusalOf(server)).toBe('200 LIMIT_EXCEEDED LIVE_MAX_STREAMS');
  expect(server.calls()).toEqual(calls);
  expect(await refusalOf(server, { authorization: 'Bearer other' })).toBeNull();
});

test('an address may have LIVE_STREAMS_PER_CALLER streams with the key of the server', async () => {
  const env = {
    AUTH: 'none',
    MUTATIONS: 'on',
    ENVIAAI_API_KEY: 'sk_live_server',
    LIVE_STREAMS_PER_CALLER: '2',
    TRUST_PROXY: '1',
  };
  const server = await startWatched({ env });
  const from = (address: string) => refusalOf(server, { 'x-forwarded-for': address });
  expect([await from('192.0.2.1'), await from('192.0.2.1')]).toEqual([null, null]);
  expect(await from('192.0.2.1')).toBe('200 LIMIT_EXCEEDED LIVE_STREAMS_PER_CALLER');
  expect(await from('192.0.2.2')).toBeNull();
});

test('LIVE_POLL_MS=0 turns subscriptions off, and nothing else', async () => {
  const server = await startWatched({ env: { LIVE_POLL_MS: '0' } });
  expect(await refusalOf(server)).toBe('200 LIMIT_EXCEEDED LIVE_POLL_MS');
  expect(server.calls()).toEqual([]);
  expect((await server.query('{ instances { totalCount } }')).errors).toBeUndefined();
});

test('LIVE_POLL_MS is the interval of the polls', async () => {
  const server = await startWatched({ env: { LIVE_POLL_MS: '6000' } });
  await server.connect();
  await server.openScreen();
  await server.settle();
  const before = server.calls().length;
  await server.pass(57_000);
  expect(server.calls().length - before).toBe(9);
});

test('a thousand screens that come and go leave nothing behind', async () => {
  const server = await startWatched();
  await server.connect();
  for (let round = 0; round < 20; round += 1) {
    const screens = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        server.openScreen(index % 2 === 0 ? line : `inst_${round}x${index}`),
      ),
    );
    for (const screen of screens) screen.leave();
  }
  await poll(server, 0);
  await server.pass(6000);
  const calls = server.calls();
  await server.pass(60_000);
  expect(server.calls()).toEqual(calls);
  const metrics = await (await fetch(new URL('/metrics', server.url))).text();
  expect(metrics).toContain('enviaai_tracked_entries{kind="watched_lines"} 0\n');
  expect(metrics).toContain('enviaai_tracked_entries{kind="flights"} 0\n');
  expect(metrics).toContain('enviaai_tracked_entries{kind="waiting_calls"} 0\n');
});

test('a subscription may have a document and variables of 64 KiB, and a longer one makes no call', async () => {
  const server = await startWatched();
  const query = 'subscription($id: ID!) { instance(id: $id) { id } }';
  const openWith = (variables: object) => server.open(query, { variables });
  const long = await openWith({ id: 'inst_ghi789', unused: 'x'.repeat(64 * 1024) });
  await long.ended;
  expect(long.results()[0].errors[0]).toEqual({
    message: 'A subscription may have a document and variables of 65536 bytes together.',
    extensions: { code: 'LIMIT_EXCEEDED' },
  });
  expect(server.calls()).toEqual([]);
  await poll(server, 0);

  const open = await openWith({ id: 'inst_ghi789', unused: 'x'.repeat(60 * 1024) });
  await expect.poll(() => open.results()).toEqual([{ data: { instance: { id: 'inst_ghi789' } } }]);
});
