import { once } from 'node:events';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { connectionTimeouts } from '#src/http/connection/timeouts.ts';
import { startHttp } from '#test/support/http/start-http.ts';
import { socketTo } from '#test/support/hostile/hostile.ts';

/** Short limits. */
const short = { headersMs: 50, requestMs: 100, silenceMs: 50, idleMs: 50, checkIntervalMs: 10 };
const long = 600_000;
const unlimited = {
  headersMs: long,
  requestMs: long,
  silenceMs: long,
  idleMs: long,
  checkIntervalMs: 10,
};

async function startSlow(changed: Partial<typeof short>) {
  const http = await startHttp({
    timeouts: { ...unlimited, ...changed },
    options: { requestTimeoutMs: 1 },
  });
  const open = () => {
    const socket = socketTo(http.url);
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    return socket;
  };
  return { ...http, open };
}

/** Sends a byte every 10 ms until the server closes the connection. Resolves to the response. */
async function trickle(socket: Socket, text: string): Promise<string> {
  const answer = buffer(socket).catch(() => Buffer.alloc(0));
  let at = 0;
  const timer = setInterval(() => {
    socket.write(text[at % text.length] ?? '');
    at += 1;
  }, 10);
  const received = await answer;
  clearInterval(timer);
  return received.toString('latin1');
}

const requestStart =
  'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';

test('every limit for slow clients is at most 65 seconds', () => {
  const { headersMs, requestMs, silenceMs, idleMs, checkIntervalMs } = connectionTimeouts;
  expect(Math.max(headersMs, requestMs) + checkIntervalMs).toBeLessThanOrEqual(65_000);
  // Node waits twice on a socket with unsent bytes.
  expect(2 * silenceMs).toBeLessThanOrEqual(65_000);
  // Node adds a second to this limit.
  expect(idleMs + 1000).toBeLessThanOrEqual(65_000);
});

test('a connection that sends headers byte by byte is closed', async () => {
  const { open } = await startSlow({ headersMs: short.headersMs });
  const socket = open();
  socket.write(requestStart);
  expect(await trickle(socket, 'x-a: 1\r\n')).toMatch(/^HTTP\/1\.1 408 /);
});

test('a connection that sends a body byte by byte is closed', async () => {
  const { open, finished } = await startSlow({ requestMs: short.requestMs, headersMs: 50 });
  const socket = open();
  socket.write(`${requestStart}content-length: 1000000\r\n\r\n`);
  await trickle(socket, ' ');
  expect(finished).toEqual([]);
});

test('a connection with an unfinished body is closed', async () => {
  const { open, finished } = await startSlow({ requestMs: short.requestMs, headersMs: 50 });
  const socket = open();
  socket.write(`${requestStart}content-length: 1000\r\n\r\n{"query":`);
  await buffer(socket).catch(() => {});
  expect(finished).toEqual([]);
});

test('a connection without a request is closed', async () => {
  const { open } = await startSlow({ headersMs: short.headersMs });
  expect(String(await buffer(open()))).toMatch(/^HTTP\/1\.1 408 |^$/);
});

test('an idle connection is closed after its last response', async () => {
  const { open } = await startSlow({ idleMs: short.idleMs });
  const socket = open();
  socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
  expect(String(await buffer(socket))).toContain('{"status":"ok",');
});

test('a connection whose client does not read the response is closed', async () => {
  const { open, server } = await startSlow({ silenceMs: short.silenceMs });
  const accepted = once(server, 'connection');
  const socket = open().pause();
  // Uncompressed GraphiQL, which is larger than all buffers in between.
  socket.write('GET /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\n\r\n');
  const [connection] = (await accepted) as [Socket];
  await once(connection, 'close');
  expect(connection.writableFinished).toBe(false);
});

test('a client that waits for a slow operation is not closed as idle', async () => {
  const { post } = await startHttp({
    timeouts: { ...unlimited, silenceMs: 1, checkIntervalMs: 1000 },
    options: { requestTimeoutMs: 100 },
    gate: new Promise(() => {}),
  });
  const response = await post({ query: '{ wait }' });
  expect(await response.json()).toEqual({ data: { wait: 'TimeoutError' } });
});

test('500 idle connections do not keep other clients from being served', async () => {
  const { open, post, server } = await startSlow({});
  const idle = Array.from({ length: 500 }, (_, index) => {
    const socket = open();
    // Half of them have sent a part of a request.
    if (index % 2 === 0) socket.write(requestStart);
    return once(socket, 'connect');
  });
  await Promise.all(idle);
  expect((await post({ query: '{ hello }' })).status).toBe(200);
  // At least 4096 connections may be open.
  expect(server.maxConnections ?? Infinity).toBeGreaterThanOrEqual(4096);
});

test('clients may disconnect at any byte of a request', async () => {
  const { open, post, logged } = await startSlow({});
  const body = '{"query":"{ hello }"}';
  const request = `${requestStart}content-length: ${body.length}\r\n\r\n${body}`;
  await Promise.all(
    Array.from({ length: request.length }, async (_, length) => {
      const socket = open();
      await once(socket, 'connect');
      await new Promise((resolve) => socket.write(request.slice(0, length + 1), resolve));
      if (length % 2 === 0) socket.resetAndDestroy();
      else socket.end();
      if (!socket.closed) await once(socket.resume(), 'close');
    }),
  );
  expect((await post({ query: '{ hello }' })).status).toBe(200);
  expect(logged.filter((line) => JSON.stringify(line).includes('"error"'))).toEqual([]);
});
