import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createEnviaai } from '#src/enviaai/client/instances.ts';
import { always, type UpstreamHandler } from '#test/support/upstream.ts';
import { adapt, caller, failureOf, firstPage, pageOf } from '#test/support/enviaai/adapter.ts';

const row = { id: 'inst_1', name: 'A' };
const body = JSON.stringify(pageOf([row]));

test.each([
  ['no JSON', '{"success": tru'],
  ['an HTML page', '<!doctype html><title>Down for maintenance</title>'],
  ['empty', ''],
  ['blank', '  \n'],
  ['null', 'null'],
  ['a number', '7'],
  ['a string', '"ok"'],
  ['a list', '[]'],
  ['an empty object', '{}'],
  ['without data', '{"success":true,"pagination":{"total":0,"hasMore":false}}'],
  ['with data that is an object', JSON.stringify({ ...pageOf([]), data: { 0: row } })],
  ['with data that is null', JSON.stringify({ ...pageOf([]), data: null })],
  ['without pagination', JSON.stringify({ success: true, data: [row] })],
  ['with pagination that is a list', JSON.stringify({ ...pageOf([]), pagination: [] })],
  ['only success', '{"success":true}'],
])('a list response that is %s is malformed', async (_, text) => {
  const { enviaai, reports } = await adapt(always(200, text));
  const failure = await failureOf(enviaai.list(caller, firstPage));
  expect(failure).toMatchObject({ kind: 'malformed', cause: undefined });
  expect(reports).toMatchObject([{ outcome: 'malformed', status: 200 }]);
});

test.each(['', 'null', '[]', '{}', '{"success":true,"data":null}', '{"success":true,"data":[]}'])(
  'the instance response %j is malformed, and does not mean that there is none',
  async (text) => {
    const { enviaai } = await adapt(always(200, text));
    expect(await failureOf(enviaai.get(caller, 'inst_1'))).toMatchObject({ kind: 'malformed' });
  },
);

test('a response without a body is malformed', async () => {
  const { enviaai } = await adapt((_, response) => {
    response.writeHead(204).end();
  });
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'malformed' });
});

test.each([['text/html'], ['text/plain; charset=latin1'], ['']])(
  'JSON is parsed whatever the content type: %j',
  async (type) => {
    const { enviaai } = await adapt(always(200, body, { 'content-type': type }));
    expect((await enviaai.list(caller, firstPage)).rows).toHaveLength(1);
  },
);

test('a byte order mark is skipped', async () => {
  const { enviaai } = await adapt(always(200, `\uFEFF${body}`));
  expect((await enviaai.list(caller, firstPage)).rows).toHaveLength(1);
});

test('a response with data needs no success field', async () => {
  const { enviaai } = await adapt(always(200, { ...pageOf([row]), success: undefined }));
  expect((await enviaai.list(caller, firstPage)).rows).toHaveLength(1);
});

const breaks: readonly (readonly [string, UpstreamHandler])[] = [
  ['reset before the headers', (request) => void request.socket.resetAndDestroy()],
  ['closed before the headers', (request) => void request.socket.destroy()],
  [
    'reset in the body',
    (request, response) => {
      response.writeHead(200, { 'content-length': String(body.length) });
      response.write(body.slice(0, 20));
      setTimeout(() => request.socket.resetAndDestroy(), 20);
    },
  ],
  [
    'cut off in a body of known length',
    (_, response) => {
      response.writeHead(200, { 'content-length': String(body.length + 1) });
      response.write(body);
      setTimeout(() => response.destroy(), 20);
    },
  ],
  [
    'cut off in a chunked body',
    (_, response) => {
      response.writeHead(200);
      response.write(body);
      setTimeout(() => response.destroy(), 20);
    },
  ],
];

test.each(breaks)('a connection %s is unavailable, and there is no retry', async (_, handler) => {
  const { enviaai, upstream, reports } = await adapt(handler);
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'unavailable' });
  expect(await failureOf(enviaai.get(caller, 'inst_1'))).toMatchObject({ kind: 'unavailable' });
  expect(upstream.calls).toHaveLength(2);
  expect(reports.map(({ outcome }) => outcome)).toEqual(['unavailable', 'unavailable']);
});

test('a response that is not HTTP is unavailable, and the failure does not contain it', async () => {
  const { port } = await listen((socket) => socket.end('SSH-2.0-secret\r\n'));
  const failure = await failureOf(enviaaiAt(port).list(caller, firstPage));
  expect(failure.kind).toBe('unavailable');
  expect(failure.cause).toEqual(expect.not.stringContaining('secret'));
});

test('a port where nobody listens is unavailable', async () => {
  const { port, close } = await listen(() => {});
  await close();
  const failure = await failureOf(enviaaiAt(port).list(caller, firstPage));
  expect(failure).toMatchObject({ kind: 'unavailable', cause: 'ECONNREFUSED' });
});

const silences: readonly (readonly [string, UpstreamHandler])[] = [
  ['never answers', () => {}],
  [
    'stops in the body',
    (_, response) => {
      response.writeHead(200, { 'content-length': String(body.length) });
      response.write(body.slice(0, 20));
    },
  ],
  [
    'sends its body slowly, but each chunk in time',
    (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 10);
      response.on('close', () => {
        clearInterval(drip);
      });
    },
  ],
];

test.each(silences)('an upstream that %s is a timeout', async (_, handler) => {
  const { enviaai, reports } = await adapt(handler, { timeoutMs: 100 });
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'timeout' });
  expect(reports).toMatchObject([{ outcome: 'timeout' }]);
  expect(reports[0]?.durationMs).toBeGreaterThan(90);
  expect(reports[0]?.durationMs).toBeLessThan(1000);
});

test('the time left for the operation limits a call', async () => {
  const { enviaai } = await adapt(() => {}, { timeoutMs: 60_000 });
  const failure = await failureOf(enviaai.list({ ...caller, timeoutMs: 50 }, firstPage));
  expect(failure.kind).toBe('timeout');
});

test('a call never takes longer than the configured timeout', async () => {
  const { enviaai } = await adapt(() => {}, { timeoutMs: 50 });
  const failure = await failureOf(enviaai.list({ ...caller, timeoutMs: 60_000 }, firstPage));
  expect(failure.kind).toBe('timeout');
});

test('without time left, no call is made', async () => {
  const { enviaai, upstream, reports } = await adapt(always(200, body));
  const failure = await failureOf(enviaai.list({ ...caller, timeoutMs: 0 }, firstPage));
  expect(failure.kind).toBe('timeout');
  expect(upstream.calls).toEqual([]);
  expect(reports).toEqual([]);
});

test('a call that does not get a connection within its timeout is not sent', async () => {
  const { enviaai, upstream } = await adapt(() => {}, { timeoutMs: 1000 });
  const busy = Array.from({ length: 256 }, () => failureOf(enviaai.list(caller, firstPage)));
  const failure = await failureOf(enviaai.get({ ...caller, timeoutMs: 100 }, 'inst_late'));
  expect(failure.kind).toBe('timeout');
  expect(new Set((await Promise.all(busy)).map(({ kind }) => kind))).toEqual(new Set(['timeout']));
  await enviaai.close();
  expect(upstream.calls.filter(({ path }) => path.includes('inst_late'))).toEqual([]);
});

test('a caller that aborts gets the failure at once, and the call ends', async () => {
  let closed = false;
  const controller = new AbortController();
  const reason = new Error('gone');
  const { enviaai, reports } = await adapt((request) => {
    request.socket.on('close', () => {
      closed = true;
    });
    controller.abort(reason);
  });
  const failure = await failureOf(
    enviaai.list({ ...caller, signal: controller.signal }, firstPage),
  );
  expect(failure).toMatchObject({ kind: 'unavailable', cause: reason });
  expect(reports).toMatchObject([{ outcome: 'unavailable', status: null }]);
  await expect.poll(() => closed).toBe(true);
});

test('a caller that was gone before costs no call', async () => {
  const { enviaai, upstream, reports } = await adapt(always(200, body));
  const signal = AbortSignal.abort();
  expect(await failureOf(enviaai.list({ ...caller, signal }, firstPage))).toMatchObject({
    kind: 'unavailable',
  });
  expect(upstream.calls).toEqual([]);
  expect(reports).toEqual([]);
});

test('a call that has ended does not listen to its signal', async () => {
  const { enviaai } = await adapt(always(200, body));
  const { signal } = new AbortController();
  let listening = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listening += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listening -= 1;
    remove(...args);
  };
  await enviaai.list({ ...caller, signal }, firstPage);
  expect(listening).toBe(0);
});

test('a broken call does not affect the next one', async () => {
  let count = 0;
  const { enviaai } = await adapt((request, response) => {
    if (++count === 1) request.socket.destroy();
    else response.end(body);
  });
  await failureOf(enviaai.list(caller, firstPage));
  expect((await enviaai.list(caller, firstPage)).rows).toHaveLength(1);
});

async function listen(respond: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume();
    respond(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  onTestFinished(close);
  return { port: (server.address() as AddressInfo).port, close };
}

function enviaaiAt(port: number) {
  const baseUrl = new URL(`http://127.0.0.1:${port}/v1`);
  const enviaai = createEnviaai({ baseUrl, timeoutMs: 5000 });
  onTestFinished(() => enviaai.close());
  return enviaai;
}
