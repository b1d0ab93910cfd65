import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { GraphQLError } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import type { OpenStream, StreamEnd, StreamRequest } from '#src/http/stream/open-stream.ts';
import { createOpenStreams } from '#src/http/stream/open-streams.ts';
import { streamFormats } from '#src/http/stream/stream-format.ts';
import { createTestClock } from '#test/support/clock.ts';

const limits = { maxStreams: 10, streamsPerCaller: 2, lifetimeMs: 3_600_000 };

/** A server that opens a stream for each request, for the owner that a test names. */
async function startStreams() {
  const clock = createTestClock();
  const reasons: StreamEnd[] = [];
  const ends: (readonly [StreamEnd | undefined, readonly GraphQLError[]])[] = [];
  const resynced: OpenStream[] = [];
  const streams = createOpenStreams({
    limits,
    clock,
    random: () => 0,
    events: { onEvent: () => {}, onEnd: (reason) => reasons.push(reason) },
  });
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    server.closeAllConnections();
  });

  /** Opens a stream over a connection that is not read until the test does. */
  async function open(owner: Partial<StreamRequest> = {}) {
    const socket = connect({ host: '127.0.0.1', port });
    sockets.push(socket);
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
    const stream = streams.open({
      tenant: 'a',
      callerId: null,
      validMs: null,
      exchange: { response, headers: {} },
      format: streamFormats['text/event-stream'],
      isSecret: false,
      listener: {
        onResync: (missed) => resynced.push(missed),
        onEnd: (_, errors) => ends.push([reasons.at(-1), errors]),
      },
      ...owner,
    });
    return { stream, socket, response };
  }
  return { clock, streams, open, ends, resynced };
}

const isOpen = (stream: OpenStream | GraphQLError): stream is OpenStream =>
  !(stream instanceof GraphQLError);

/** An event of a megabyte: a few of them fill the buffers of the system. */
const large = Buffer.alloc(1_000_000, 'x');

async function fill({ stream, response }: { stream: unknown; response: ServerResponse }) {
  const open = stream as OpenStream;
  for (let sent = 0; sent < 50 && response.writableLength < large.length; sent += 1) {
    open.send(() => large);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(response.writableLength).toBeGreaterThan(64 * 1024);
}

test('while more than 64 KiB are unsent, events are skipped, and then the state is sent', async () => {
  const { open, resynced, ends } = await startStreams();
  const opened = await open();
  await fill(opened);
  const { stream, socket, response } = opened;
  const before = response.writableLength;
  (stream as OpenStream).send(() => large);
  (stream as OpenStream).send(() => large);
  expect(response.writableLength).toBe(before);
  expect(resynced).toEqual([]);
  socket.resume();
  await expect.poll(() => resynced).toEqual([stream]);
  expect(ends).toEqual([]);
});

test('after skipped events, the whole state is sent before any other event', async () => {
  const { open, resynced } = await startStreams();
  const { stream, socket, response } = await open();
  await fill({ stream, response });
  const opened = stream as OpenStream;
  opened.send(() => large);
  let text = '';
  socket.on('data', (chunk) => (text = (text + String(chunk)).slice(-200)));
  await expect.poll(() => resynced).toEqual([stream]);
  opened.send(() => Buffer.from('skipped'));
  opened.sendWhole(() => Buffer.from('whole'));
  opened.send(() => Buffer.from('change'));
  await expect.poll(() => text).toContain('change');
  expect(text).toContain('whole');
  expect(text).not.toContain('skipped');
});

test('thirty seconds after the first skipped event, the stream ends TOO_SLOW', async () => {
  const { open, clock, ends, streams } = await startStreams();
  const opened = await open();
  await fill(opened);
  const { stream, socket, response } = opened;
  clock.advance(100_000);
  expect(ends).toEqual([]);
  (stream as OpenStream).send(() => large);
  clock.advance(29_999);
  expect(ends).toEqual([]);
  clock.advance(1);
  expect(ends).toMatchObject([
    ['too_slow', [{ extensions: { reason: 'TOO_SLOW', retryAfter: 1 } }]],
  ]);
  expect(streams.count()).toBe(0);
  let received = '';
  socket.on('data', (chunk) => (received = (received + String(chunk)).slice(-200)));
  await expect.poll(() => received).toContain('event: complete');
  expect(response.writableFinished).toBe(true);
});

test('a client that does not read its end, either, loses its connection', async () => {
  const { open, clock } = await startStreams();
  const opened = await open();
  await fill(opened);
  (opened.stream as OpenStream).send(() => large);
  clock.advance(30_000);
  expect(opened.response.destroyed).toBe(false);
  clock.advance(5000);
  expect(opened.response.destroyed).toBe(true);
});

test('when the process stops, such a client loses its connection after a second', async () => {
  const { open, clock, streams } = await startStreams();
  const opened = await open();
  await fill(opened);
  await streams.shutDown();
  clock.advance(999);
  expect(opened.response.destroyed).toBe(false);
  clock.advance(1);
  expect(opened.response.destroyed).toBe(true);
});

test('a stream that cannot be written to gets no heartbeat', async () => {
  const { open, clock } = await startStreams();
  const opened = await open();
  await fill(opened);
  const before = opened.response.writableLength;
  for (let second = 0; second < 24; second += 1) clock.advance(1000);
  expect(opened.response.writableLength).toBe(before);
});

test('an open stream keeps nothing of its request, which has ended', async () => {
  const { open } = await startStreams();
  const { req: request } = (await open()).response;
  expect([request.rawHeaders, request.headers]).toEqual([[], {}]);
  expect(request.eventNames()).toEqual([]);
});

test('a key may have half of all streams, and the other keys the rest', async () => {
  const { open, streams } = await startStreams();
  for (let count = 0; count < 5; count += 1) expect(isOpen((await open()).stream)).toBe(true);
  expect((await open()).stream).toMatchObject({
    extensions: { code: 'LIMIT_EXCEEDED', limit: 'LIVE_MAX_STREAMS' },
  });
  for (let count = 0; count < 5; count += 1) {
    expect(isOpen((await open({ tenant: 'b' })).stream)).toBe(true);
  }
  expect((await open({ tenant: 'c' })).stream).toMatchObject({
    extensions: { limit: 'LIVE_MAX_STREAMS' },
  });
  expect(streams.count()).toBe(10);
});

test('a caller of a shared key may have so many streams, and as many again when it has left', async () => {
  const { open, ends } = await startStreams();
  const first = await open({ callerId: 'x' });
  await open({ callerId: 'x' });
  expect((await open({ callerId: 'x' })).stream).toMatchObject({
    extensions: { code: 'LIMIT_EXCEEDED', limit: 'LIVE_STREAMS_PER_CALLER' },
  });
  expect(isOpen((await open({ callerId: 'y' })).stream)).toBe(true);
  first.socket.destroy();
  await expect.poll(() => ends).toEqual([['client', []]]);
  expect(isOpen((await open({ callerId: 'x' })).stream)).toBe(true);
});

test.each([5500, 20_500])('a stream ends when its token expires: after %d ms', async (validMs) => {
  const { open, clock, ends } = await startStreams();
  await open();
  await open({ validMs });
  for (let ms = 1000; ms < validMs; ms += 1000) clock.advance(1000);
  expect(ends).toEqual([]);
  clock.advance(1000);
  expect(ends).toMatchObject([['token', [{ extensions: { code: 'UNAUTHENTICATED' } }]]]);
});

test('after a stop, a stream is refused', async () => {
  const { open, streams } = await startStreams();
  await streams.shutDown();
  expect((await open()).stream).toMatchObject({ extensions: { reason: 'SHUTDOWN' } });
});
