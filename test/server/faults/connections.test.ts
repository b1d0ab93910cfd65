import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { start, type Started } from '#test/support/start.ts';
import type { UpstreamHandler } from '#test/support/upstream.ts';
import {
  envelope,
  expectTold,
  expectWell,
  list,
  rowsOf,
  startBehind,
  vendorOf,
} from '#test/support/faults/faulty.ts';

const body = JSON.stringify(envelope(rowsOf(3)));
const begin =
  (
    headers: Record<string, string>,
    text: string,
    then: (socket: Socket) => void,
  ): UpstreamHandler =>
  (request, response) => {
    response.writeHead(200, headers);
    response.write(text, () => setImmediate(() => then(request.socket)));
  };
const whole = { 'content-length': String(body.length) };
const half = body.slice(0, body.length / 2);

const breaks: readonly (readonly [string, UpstreamHandler])[] = [
  ['reset before the headers', ({ socket }) => void socket.resetAndDestroy()],
  ['closed before the headers', ({ socket }) => void socket.destroy()],
  ['ended before the headers', ({ socket }) => void socket.end()],
  [
    'reset within the headers',
    ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\nconte', () => socket.resetAndDestroy()),
  ],
  ['reset after the headers', begin(whole, '', (socket) => socket.resetAndDestroy())],
  ['reset in the body', begin(whole, half, (socket) => socket.resetAndDestroy())],
  ['ended in the body', begin(whole, half, (socket) => socket.end())],
  ['ended a byte too early', begin(whole, body.slice(0, -1), (socket) => socket.end())],
  ['ended in a chunked body', begin({}, body, (socket) => socket.destroy())],
  ['that speaks no HTTP', ({ socket }) => void socket.end('SSH-2.0-secret\r\n')],
  [
    'that switches protocols',
    ({ socket }) => void socket.end('HTTP/1.1 101 X\r\nupgrade: secret\r\n\r\n'),
  ],
  [
    'with headers without end',
    ({ socket }) => void socket.write(`HTTP/1.1 200 OK\r\nx: ${'secret'.repeat(20_000)}`),
  ],
  [
    'with two lengths',
    ({ socket }) =>
      void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 7\r\n\r\n{"a":1}'),
  ],
];

test.for(breaks)(
  'a connection %s is tried twice again, and then UPSTREAM_UNAVAILABLE',
  async ([, fault]) => {
    const server = await startBehind(fault);
    expectTold(await server.query(list), { code: 'UPSTREAM_UNAVAILABLE' });
    expect(server.upstream.calls).toHaveLength(3);
    await expectWell(server);
  },
);

test.for(breaks)('a connection %s once is made good without a word', async ([, fault]) => {
  const server = await startBehind((request, response) => {
    server.turn();
    return fault(request, response);
  });
  const { data, errors } = await server.query(list);
  expect([data.instances.totalCount, errors]).toEqual([3, undefined]);
  expect(server.upstream.calls).toHaveLength(2);
});

const silences: readonly (readonly [string, UpstreamHandler])[] = [
  ['never answers', () => {}],
  ['stops after the headers', begin(whole, '', () => {})],
  ['stops in the body', begin(whole, half, () => {})],
  [
    'drips its body',
    (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(drip));
    },
  ],
  [
    'drips its headers',
    ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x-secret: 1\r\n'), 10);
      socket.on('close', () => clearInterval(drip));
    },
  ],
];

test.for(silences)(
  'a vendor that %s is UPSTREAM_TIMEOUT, and not tried again',
  async ([, fault]) => {
    const server = await startBehind(fault, { env: { ENVIAAI_TIMEOUT_MS: '150' } });
    expectTold(await server.query(list), { code: 'UPSTREAM_TIMEOUT' });
    expect(server.upstream.calls).toHaveLength(1);
    await expectWell(server);
  },
);

test('a port where nobody listens is UPSTREAM_UNAVAILABLE, well within 5 seconds', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const closed = await start({ upstream: `http://127.0.0.1:${port}` });
  const startedAt = performance.now();
  expectTold(await closed.query(list), { code: 'UPSTREAM_UNAVAILABLE' });
  expect(performance.now() - startedAt).toBeLessThan(5000);
  const ready = await fetch(new URL('/readyz', closed.url));
  expect(await ready.json()).toMatchObject({ status: 'degraded', upstream: 'unreachable' });
});

test('a host without a name is UPSTREAM_UNAVAILABLE', async () => {
  const nameless = await start({ upstream: 'http://vendor.invalid' });
  expectTold(await nameless.query(list), { code: 'UPSTREAM_UNAVAILABLE' });
});

/** At the same time: calls one after the other would share one connection. */
const askAll = (server: Started) =>
  Promise.all(rowsOf(8).map(({ id }) => server.query(`{ instance(id: "${String(id)}") { id } }`)));

test('connections that the vendor has closed since cost nobody an answer, nor a retry', async () => {
  const sockets = new Set<Socket>();
  const server = await startBehind(() => {}, { env: { FRESH_MS: '0' } });
  const well = vendorOf(rowsOf(8));
  server.turn((request, response) => {
    sockets.add(request.socket);
    return well(request, response);
  });
  // So many that retries would not do: there are 20 a minute.
  for (let round = 1; round <= 10; round += 1) {
    const answers = await askAll(server);
    expect(answers.map(({ errors }) => errors)).toEqual(rowsOf(8).map(() => undefined));
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  }
  expect(server.upstream.calls).toHaveLength(80);
});

test('a vendor that resets every call, on kept connections too, gets 3 of one read', async () => {
  const server = await startBehind(vendorOf(rowsOf(8)), { env: { FRESH_MS: '0', STALE_MS: '0' } });
  await askAll(server);
  const before = server.upstream.calls.length;
  server.turn(({ socket }) => void socket.resetAndDestroy());
  expectTold(await server.query(list), { code: 'UPSTREAM_UNAVAILABLE' });
  expect(server.upstream.calls.length - before).toBe(3);
  await expectWell(server);
});
