import { describe, expect, test } from 'vitest';
import { line, startWatched, type WatchedServer } from '#test/support/live/watched-server.ts';

const lastEvent = (screen: Awaited<ReturnType<WatchedServer['openScreen']>>) =>
  screen.results().at(-1)?.data?.instanceQrCode;

async function screenOf(server: WatchedServer, id = line) {
  const screen = await server.openScreen(id);
  await server.settle();
  return screen;
}

describe.each([
  { qrWhenConnected: 'fails', pendingInList: 'connecting', pendingInStatus: 'qr_pending' },
  { qrWhenConnected: 'null', pendingInList: 'qr_pending', pendingInStatus: 'connecting' },
] as const)('where the documentation leaves it open: %o', (behaviour) => {
  async function started() {
    const server = await startWatched();
    server.control.behave({ key: 'test', ...behaviour });
    return server;
  }

  test('LINKED after a scan', async () => {
    const server = await started();
    await server.connect();
    const screen = await screenOf(server);
    server.control.scan({ key: 'test', id: line });
    await server.pass(3500);
    expect(await screen.ended).toContain('event: complete');
    expect(lastEvent(screen)).toEqual({
      status: 'CONNECTED',
      image: null,
      expiresAt: null,
      outcome: 'LINKED',
    });
    const { data } = await server.query(`{ instance(id: "${line}") { status } }`);
    expect(data.instance.status).toBe('CONNECTED');
  });

  test('LINKED at once for a line that is connected', async () => {
    const server = await started();
    const screen = await screenOf(server, 'inst_abc123');
    await screen.ended;
    expect(lastEvent(screen)).toMatchObject({ status: 'CONNECTED', outcome: 'LINKED' });
    expect(server.qrCalls()).toEqual([]);
  });

  test('EXPIRED when no code follows the last one', async () => {
    const server = await started();
    await server.connect();
    const screen = await screenOf(server);
    await server.pass(159_000);
    expect(screen.isEnded()).toBe(false);
    await server.pass(2000);
    expect(await screen.ended).toContain('event: complete');
    expect(lastEvent(screen)).toMatchObject({ image: null, outcome: 'EXPIRED' });
    expect(new Set(screen.results().map(({ data }) => data.instanceQrCode.image)).size).toBe(7);
  });
});

test('EXPIRED within four seconds after another program has cancelled the attempt', async () => {
  const server = await startWatched();
  await server.connect();
  const screen = await screenOf(server);
  server.control.status({ key: 'test', id: line, status: 'disconnected' });
  await server.pass(3500);
  await screen.ended;
  expect(lastEvent(screen)).toMatchObject({ status: 'DISCONNECTED', outcome: 'EXPIRED' });
});

test('EXPIRED after 180 seconds, if EnviaAI does not answer meanwhile', async () => {
  const server = await startWatched();
  await server.connect();
  const screen = await screenOf(server);
  server.control.fail({ key: 'test', times: 1000, status: 503 });
  await server.pass(178_000);
  expect(screen.isEnded()).toBe(false);
  await server.pass(3000);
  await screen.ended;
  expect(lastEvent(screen)).toMatchObject({ image: null, outcome: 'EXPIRED' });
});

test.each([
  ['an id that EnviaAI does not know', 'inst_nowhere', 1],
  ['an id that no instance can have', 'not an id', 0],
  ['an empty id', '', 0],
])('GONE for %s', async (_, id, calls) => {
  const server = await startWatched();
  const screen = await screenOf(server, id);
  await screen.ended;
  expect(screen.results()).toEqual([
    {
      data: {
        instanceQrCode: { status: 'UNKNOWN', image: null, expiresAt: null, outcome: 'GONE' },
      },
    },
  ]);
  expect(server.calls()).toHaveLength(calls);
});

test('GONE for a line that is removed while it is linked', async () => {
  const server = await startWatched();
  await server.connect();
  const screen = await screenOf(server);
  server.control.remove({ key: 'test', id: line });
  await server.pass(3500);
  await screen.ended;
  expect(lastEvent(screen)).toMatchObject({ outcome: 'GONE' });
});

test('a line of the official API ends with EnviaAI’s code at the path of the field', async () => {
  const server = await startWatched();
  server.control.official({ key: 'test', id: line, on: true });
  server.control.status({ key: 'test', id: line, status: 'connecting' });
  const screen = await screenOf(server);
  expect(await screen.ended).toContain('event: complete');
  expect(screen.results()).toEqual([
    {
      errors: [
        expect.objectContaining({
          path: ['instanceQrCode'],
          extensions: { code: 'UPSTREAM_ERROR', upstreamCode: 'official_api_instance' },
        }),
      ],
    },
  ]);
});

test('a line that nobody links is not asked for a code, which could begin an attempt', async () => {
  const server = await startWatched();
  server.control.behave({ key: 'test', qrEndpointStarts: true });
  const screen = await screenOf(server);
  await server.pass(120_000);
  expect(server.qrCalls()).toEqual([]);
  expect(server.calls().length).toBeLessThanOrEqual(1 + 8);
  expect(screen.isEnded()).toBe(false);
  expect(screen.results()).toEqual([
    {
      data: {
        instanceQrCode: { status: 'DISCONNECTED', image: null, expiresAt: null, outcome: null },
      },
    },
  ]);
});

test('a waiting screen shows the code when another program begins to link the line', async () => {
  const server = await startWatched();
  const screen = await screenOf(server);
  await server.connect();
  await server.pass(16_000);
  expect(lastEvent(screen)).toMatchObject({ status: 'QR_PENDING', outcome: null });
  expect(lastEvent(screen).image).toMatch(/^data:image\/png/);
});

test('a waiting screen shows the code at once when anybody reads the row', async () => {
  const server = await startWatched();
  const screen = await screenOf(server);
  await server.connect();
  await server.pass(2500);
  expect(lastEvent(screen)).toMatchObject({ status: 'DISCONNECTED', image: null });
  await server.query('{ instances { totalCount } }');
  await server.settle();
  expect(lastEvent(screen).image).toMatch(/^data:image\/png/);
});

test('a spent budget is no error: the screen waits, and goes on with the next window', async () => {
  const server = await startWatched({ ratePerMinute: 50 });
  await server.connect();
  server.control.spend({ key: 'test', remaining: 0 });
  const screen = await screenOf(server);
  await server.pass(30_000);
  expect(screen.results().filter(({ errors }) => errors)).toEqual([]);
  expect(screen.isEnded()).toBe(false);
  await server.pass(40_000);
  expect(lastEvent(screen).image).toMatch(/^data:image\/png/);
});

test('a code that cannot be read is an error at its path, and the stream goes on', async () => {
  const server = await startWatched();
  server.control.status({ key: 'test', id: line, status: 'connecting' });
  const body = { success: true, data: { qrCode: '<svg/>', expiresAt: null, status: 'qr_pending' } };
  await server.query(`{ instance(id: "${line}") { id } }`);
  server.control.fail({ key: 'test', status: 200, body });
  const screen = await screenOf(server);
  const [first] = screen.results();
  expect(first.errors).toEqual([
    expect.objectContaining({
      path: ['instanceQrCode', 'image'],
      extensions: { code: 'UPSTREAM_INVALID_RESPONSE' },
    }),
  ]);
  expect(first.data.instanceQrCode).toMatchObject({ status: 'QR_PENDING', image: null });
  expect(screen.isEnded()).toBe(false);
});
