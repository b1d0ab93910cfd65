import { once } from 'node:events';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { connectionTimeouts } from '#src/http/connection/timeouts.ts';
import { startHttp } from '#test/support/http/start-http.ts';
import { socketTo } from '#test/support/hostile/hostile.ts';

/** The same rules, a thousand times as fast. */
const hasty = { headersMs: 50, requestMs: 100, silenceMs: 50, idleMs: 50, checkIntervalMs: 10 };
const long = 600_000;
const patient = {
  headersMs: long,
  requestMs: long,
  silenceMs: long,
  idleMs: long,
  checkIntervalMs: 10,
};

async function startSlow(changed: Partial<typeof hasty>) {
  const http = await startHttp({
    timeouts: { ...patient, ...changed },
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

/** Sends a byte now and then, for as long as the server lets it. */
async function trickle(socket: Socket, text: string): Promise<string> {
  const answer = buffer(socket).catch(() => Buffer.alloc(0));
  let at = 0;
  const timer = setInterval(() => {
    socket.write(text[at % text.length] ?? '');
    at += 1;
  }, 10);
  const told = await answer;
  clearInterval(timer);
  return told.toString('latin1');
}

const begun = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';

test('whoever is slow is cut off within 65 seconds, whatever he is slow at', () => {
  const { headersMs, requestMs, silenceMs, idleMs, checkIntervalMs } = connectionTimeouts;
  expect(Math.max(headersMs, requestMs) + checkIntervalMs).toBeLessThanOrEqual(65_000);
  // A socket on which something is still to be written is given its time twice.
  expect(2 * silenceMs).toBeLessThanOrEqual(65_000);
  // Node waits a second longer than it is told to.
  expect(idleMs + 1000).toBeLessThanOrEqual(65_000);
});

test('headers that come byte by byte are cut off', async () => {
  const { open } = await startSlow({ headersMs: hasty.headersMs });
  const socket = open();
  socket.write(begun);
  expect(await trickle(socket, 'x-a: 1\r\n')).toMatch(/^HTTP\/1\.1 408 /);
});

test('a body that comes byte by byte is cut off', async () => {
  const { open, finished } = await startSlow({ requestMs: hasty.requestMs, headersMs: 50 });
  const socket = open();
  socket.write(`${begun}content-length: 1000000\r\n\r\n`);
  await trickle(socket, ' ');
  expect(finished).toEqual([]);
});

test('a body that stops is cut off', async () => {
  const { open, finished } = await startSlow({ requestMs: hasty.requestMs, headersMs: 50 });
  const socket = open();
  socket.write(`${begun}content-length: 1000\r\n\r\n{"query":`);
  await buffer(socket).catch(() => {});
  expect(finished).toEqual([]);
});

test('a connection that says nothing is cut off', async () => {
  const { open } = await startSlow({ headersMs: hasty.headersMs });
  expect(String(await buffer(open()))).toMatch(/^HTTP\/1\.1 408 |^$/);
});

test('a connection that says nothing more is closed', async () => {
  const { open } = await startSlow({ idleMs: hasty.idleMs });
  const socket = open();
  socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
  expect(String(await buffer(socket))).toContain('{"status":"ok"}');
});

test('a client that does not take its answer is cut off', async () => {
  const { open, server } = await startSlow({ silenceMs: hasty.silenceMs });
  const accepted = once(server, 'connection');
  const socket = open().pause();
  // GraphiQL, unpacked: more than any buffer on the way holds.
  socket.write('GET /graphql HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\n\r\n');
  const [connection] = (await accepted) as [Socket];
  await once(connection, 'close');
  expect(connection.writableFinished).toBe(false);
});

test('an operation that takes its time is not taken for a slow client', async () => {
  const { post } = await startHttp({
    timeouts: { ...patient, silenceMs: 1, checkIntervalMs: 1000 },
    options: { requestTimeoutMs: 100 },
    gate: new Promise(() => {}),
  });
  const response = await post({ query: '{ wait }' });
  expect(await response.json()).toEqual({ data: { wait: 'TimeoutError' } });
});

test('500 connections that do nothing leave a client its answer', async () => {
  const { open, post, server } = await startSlow({});
  const idle = Array.from({ length: 500 }, (_, index) => {
    const socket = open();
    // Some of them in the middle of something.
    if (index % 2 === 0) socket.write(begun);
    return once(socket, 'connect');
  });
  await Promise.all(idle);
  expect((await post({ query: '{ hello }' })).status).toBe(200);
  // 4096 or more may be open at once: nothing here sets a lower bound.
  expect(server.maxConnections ?? Infinity).toBeGreaterThanOrEqual(4096);
});

test('clients that hang up at any moment take nothing down', async () => {
  const { open, post, logged } = await startSlow({});
  const body = '{"query":"{ hello }"}';
  const request = `${begun}content-length: ${body.length}\r\n\r\n${body}`;
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
