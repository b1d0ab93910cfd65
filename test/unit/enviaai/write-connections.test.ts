import type { Socket } from 'node:net';
import { Pool } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type HttpRequest, httpSend } from '#src/enviaai/client/http-send.ts';
import type { Enviaai } from '#src/enviaai/client/instances.ts';
import { systemClock } from '#src/domain/clock.ts';
import { adapt, caller, failureOf, firstPage } from '#test/support/enviaai/adapter.ts';
import { listenTcp } from '#test/support/enviaai/tcp-upstream.ts';
import { writeCalls, writeKinds } from '#test/support/enviaai/write-calls.ts';
import { createTestClock } from '#test/support/clock.ts';
import { startUpstream } from '#test/support/upstream.ts';

/** Once the request has come, with its body. */
const onRequest = (socket: Socket, act: () => void): void => {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    if (text.includes('}')) act();
  });
};

/** A longer body than is sent: the response breaks off in it. */
const longBody = 'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"success":true,';

const page = '{"success":true,"data":[],"pagination":{}}';
const pageResponse = `HTTP/1.1 200 OK\r\ncontent-length: ${page.length}\r\n\r\n${page}`;

const answerAll = (socket: Socket): void => {
  socket.on('data', (chunk) => {
    // The head and the body of a write can come one after the other.
    if (chunk.includes('HTTP/1.1')) socket.write(pageResponse);
  });
};

/** Answers the first request, and does something else when the next one comes. */
const answerFirst = (socket: Socket, act: () => void): void => {
  socket.once('data', () => {
    socket.write(pageResponse);
    socket.once('data', act);
  });
};

const cuts: readonly (readonly [string, (socket: Socket) => void])[] = [
  ['closed in the request', (socket) => socket.once('data', () => socket.destroy())],
  ['reset in the request', (socket) => socket.once('data', () => socket.resetAndDestroy())],
  ['closed after the request', (socket) => onRequest(socket, () => void socket.end())],
  ['reset after the request', (socket) => onRequest(socket, () => void socket.resetAndDestroy())],
  [
    'closed in the headers',
    (socket) => onRequest(socket, () => void socket.end('HTTP/1.1 200 OK\r\ncontent-le')),
  ],
  ['answered with no HTTP', (socket) => onRequest(socket, () => void socket.end('SSH-2.0\r\n'))],
];

describe.each(writeKinds)('%s', (kind) => {
  const send = writeCalls[kind];

  test.each(cuts)('on a connection that is %s has an unknown outcome', async (_, cut) => {
    const { enviaai, received } = await listenTcp(cut);
    const failure = await failureOf(send(enviaai));
    expect(failure).toMatchObject({ kind: 'outcome-unknown', status: undefined });
    expect(failure.reason).toMatch(/^(?:closed|reset|not-http)$/);
    expect(received()).toHaveLength(1);
  });

  test.each([
    ['closed', (socket: Socket) => void socket.destroy()],
    ['reset', (socket: Socket) => void socket.resetAndDestroy()],
  ])('on a connection that is %s at once is unknown where it was sent', async (_, cut) => {
    const { enviaai, received } = await listenTcp(cut);
    const failure = await failureOf(send(enviaai));
    // The reset can come before undici begins to write: then nothing was sent.
    expect(failure.kind).toMatch(/^(?:outcome-unknown|unavailable)$/);
    expect(received()).toEqual(['']);
  });

  test('without an answer in time has an unknown outcome', async () => {
    const { enviaai, received } = await listenTcp(() => {}, { timeoutMs: 150 });
    const failure = await failureOf(send(enviaai));
    expect(failure).toMatchObject({ kind: 'outcome-unknown', reason: 'response-timeout' });
    expect(received()).toHaveLength(1);
  });

  const isCertain = kind === 'update' || kind === 'disconnect';
  test.each([
    ['breaks off', (socket: Socket) => onRequest(socket, () => void socket.end(longBody))],
    ['does not end', (socket: Socket) => onRequest(socket, () => void socket.write(longBody))],
  ])(`is ${isCertain ? 'done' : 'unknown'} if its 200 response %s`, async (_, respond) => {
    const { enviaai, received } = await listenTcp(respond, { timeoutMs: 150 });
    if (isCertain) expect(await send(enviaai)).toBe(kind === 'update' ? null : 'disconnected');
    else {
      const failure = await failureOf(send(enviaai));
      expect(failure).toMatchObject({ kind: 'outcome-unknown', status: 200 });
    }
    expect(received()).toHaveLength(1);
  });

  test('to a port where nobody listens is certainly not done', async () => {
    const free = await startUpstream(() => {});
    await free.close();
    const { enviaai, reports } = await adapt(() => {}, { baseUrl: free.url });
    expect(await failureOf(send(enviaai))).toMatchObject({
      kind: 'unavailable',
      reason: 'refused',
    });
    expect(reports).toMatchObject([{ kind, outcome: 'unavailable', status: null }]);
  });

  test('to a host that does not exist is certainly not done', async () => {
    const { enviaai } = await adapt(() => {}, { baseUrl: new URL('http://enviaai.invalid/v1') });
    expect(await failureOf(send(enviaai))).toMatchObject({ kind: 'unavailable' });
  });

  test('is certainly not done while TLS is not finished', async () => {
    const tls = { protocol: 'https', timeoutMs: 150 };
    const { enviaai, received } = await listenTcp(() => {}, tls);
    expect(await failureOf(send(enviaai))).toMatchObject({ kind: 'timeout' });
    expect(received().join()).not.toContain('HTTP/1.1');
  });

  test('is certainly not done where TLS fails', async () => {
    const noTls = (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    const { enviaai } = await listenTcp(noTls, { protocol: 'https' });
    expect(await failureOf(send(enviaai))).toMatchObject({ kind: 'unavailable' });
  });

  test('of a caller who was gone before is not sent', async () => {
    const { enviaai, received } = await listenTcp(() => {});
    const gone = { ...caller, signal: AbortSignal.abort() };
    expect(await failureOf(send(enviaai, gone))).toMatchObject({ kind: 'unavailable' });
    expect(received()).toEqual([]);
  });

  test('goes on when its caller leaves after it was sent', async () => {
    const controller = new AbortController();
    const body = '{"success":true,"data":{"id":"inst_1","name":"Sales","status":"connecting"}}';
    const { enviaai, received } = await listenTcp((socket) =>
      onRequest(socket, () => {
        controller.abort();
        socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      }),
    );
    await send(enviaai, { ...caller, signal: controller.signal });
    expect(controller.signal.aborted).toBe(true);
    expect(received()).toHaveLength(1);
  });

  const method = kind === 'update' ? 'PATCH' : 'POST';
  const methodsOf = (received: () => string[]) =>
    received().map((text) => text.match(/[A-Z]+(?= \/v1)/g));
  const read = (enviaai: Enviaai) => enviaai.list(caller, firstPage);

  test('uses a connection that has answered in the last second', async () => {
    const clock = createTestClock();
    const { enviaai, received } = await listenTcp(answerAll, clock);
    await read(enviaai);
    clock.advance(1000);
    await send(enviaai).catch(() => {});
    expect(methodsOf(received)).toEqual([['GET', method]]);
  });

  test('uses no older connection, which can be stale, and opens one that reads use', async () => {
    const clock = createTestClock();
    const { enviaai, received } = await listenTcp(answerAll, clock);
    // Two connections.
    await Promise.all([read(enviaai), read(enviaai)]);
    clock.advance(1001);
    await send(enviaai).catch(() => {});
    await read(enviaai);
    expect(methodsOf(received)).toEqual([['GET'], ['GET'], [method, 'GET']]);
  });

  test('of a caller who leaves while such a connection is closed is not sent', async () => {
    const clock = createTestClock();
    const { enviaai, received } = await listenTcp(answerAll, clock);
    await read(enviaai);
    clock.advance(1001);
    const controller = new AbortController();
    const sent = send(enviaai, { ...caller, signal: controller.signal });
    controller.abort();
    expect(await failureOf(sent)).toMatchObject({ kind: 'unavailable' });
    expect(methodsOf(received)).toEqual([['GET']]);
  });

  test('is not sent again if its kept-alive connection is closed at that moment', async () => {
    const { enviaai, received } = await listenTcp((socket) => {
      answerFirst(socket, () => void socket.resetAndDestroy());
    });
    await read(enviaai);
    expect(await failureOf(send(enviaai))).toMatchObject({ kind: 'outcome-unknown' });
    expect(methodsOf(received)).toEqual([['GET', method]]);
  });
});

const request: HttpRequest = {
  method: 'POST',
  origin: 'http://localhost',
  path: '/',
  headers: [],
  body: '{}',
  timeoutMs: 5000,
};
const isStaleConnectionError = () => false;

test('a write that waits for a connection can still be aborted, and is never received', async () => {
  const { port, received } = await listenTcp(() => {});
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1, pipelining: 0 });
  onTestFinished(() => pool.destroy());
  const parts = { isStaleConnectionError, setTimer: systemClock.setTimer };
  const clock = createTestClock();
  const controller = new AbortController();

  const first = httpSend(pool, { ...request, path: '/first' }, parts);
  await expect.poll(() => received().join()).toContain('{}');
  const aborted = httpSend(pool, { ...request, path: '/2', signal: controller.signal }, parts);
  const late = httpSend(pool, { ...request, path: '/3' }, { ...parts, setTimer: clock.setTimer });
  controller.abort();
  clock.advance(5000);
  expect(await failureOf(aborted)).toMatchObject({ kind: 'unavailable' });
  expect(await failureOf(late)).toMatchObject({ kind: 'timeout', reason: 'connect-timeout' });

  const last = httpSend(pool, { ...request, path: '/last' }, parts);
  const failures = Promise.all([failureOf(first), failureOf(last)]);
  await pool.destroy();
  expect(await failures).toMatchObject([{ kind: 'outcome-unknown' }, { kind: 'unavailable' }]);
  expect(received().map((text) => text.split(' ')[1])).toEqual(['/first']);
});

test('undici calls onRequestStart after it connected, and writes nothing if that aborts', async () => {
  const { port, received } = await listenTcp(() => {});
  const pool = new Pool(`http://127.0.0.1:${port}`, { pipelining: 0 });
  onTestFinished(() => pool.destroy());
  const seen: string[] = [];
  pool.on('connect', () => seen.push('connected'));
  await new Promise<void>((resolve) => {
    pool.dispatch(
      { path: '/', method: 'POST', body: '{}' },
      {
        onRequestStart(controller) {
          seen.push('started');
          controller.abort(new Error('aborted'));
        },
        onResponseError(_, error) {
          seen.push(error.message);
          resolve();
        },
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd() {},
      },
    );
  });
  expect(seen).toEqual(['connected', 'started', 'aborted']);
  await expect.poll(() => received().length).toBe(1);
  expect(received()).toEqual(['']);
});

test('a write that undici would start twice is aborted the second time', async () => {
  const { port, received } = await listenTcp((socket) =>
    onRequest(socket, () => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')),
  );
  const pool = new Pool(`http://127.0.0.1:${port}`, { pipelining: 0 });
  onTestFinished(() => pool.destroy());
  const twice = pool.compose(
    (dispatch) => (options, handler) =>
      dispatch(options, {
        ...handlerOf(handler),
        onRequestStart(controller, context) {
          handler.onRequestStart?.(controller, context);
          handler.onRequestStart?.(controller, context);
        },
      }),
  );
  const parts = { isStaleConnectionError, setTimer: systemClock.setTimer };
  expect(await failureOf(httpSend(twice, request, parts))).toMatchObject({
    kind: 'outcome-unknown',
  });
  expect(received().filter((text) => text !== '')).toEqual([]);
});

type Handler = Parameters<Pool['dispatch']>[1];

const handlerOf = (handler: Handler): Handler => ({
  onResponseStart: (...args) => handler.onResponseStart?.(...args),
  onResponseData: (...args) => handler.onResponseData?.(...args),
  onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
  onResponseError: (...args) => handler.onResponseError?.(...args),
});
