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
])('a list whose answer is %s is malformed', async (_, text) => {
  const { enviaai, reports } = await adapt(always(200, text));
  const failure = await failureOf(enviaai.list(caller, firstPage));
  expect(failure).toMatchObject({ kind: 'malformed', cause: undefined });
  expect(reports).toMatchObject([{ outcome: 'malformed', status: 200 }]);
});

test.each(['', 'null', '[]', '{}', '{"success":true,"data":null}', '{"success":true,"data":[]}'])(
  'one instance whose answer is %j is malformed, not none',
  async (text) => {
    const { enviaai } = await adapt(always(200, text));
    expect(await failureOf(enviaai.get(caller, 'inst_1'))).toMatchObject({ kind: 'malformed' });
  },
);

test('an answer without a body is malformed', async () => {
  const { enviaai } = await adapt((_, response) => {
    response.writeHead(204).end();
  });
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'malformed' });
});

test.each([['text/html'], ['text/plain; charset=latin1'], ['']])(
  'JSON is read whatever its content type says: %j',
  async (type) => {
    const { enviaai } = await adapt(always(200, body, { 'content-type': type }));
    expect((await enviaai.list(caller, firstPage)).rows).toHaveLength(1);
  },
);

test('a byte order mark is passed over', async () => {
  const { enviaai } = await adapt(always(200, `\uFEFF${body}`));
  expect((await enviaai.list(caller, firstPage)).rows).toHaveLength(1);
});

test('success is not asked for where the data is there', async () => {
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

test.each(breaks)('a connection %s is unavailable, and is not tried again', async (_, handler) => {
  const { enviaai, upstream, reports } = await adapt(handler);
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'unavailable' });
  expect(await failureOf(enviaai.get(caller, 'inst_1'))).toMatchObject({ kind: 'unavailable' });
  expect(upstream.calls).toHaveLength(2);
  expect(reports.map(({ outcome }) => outcome)).toEqual(['unavailable', 'unavailable']);
});

test('what is not HTTP at all is unavailable, and none of it is kept', async () => {
  const { port } = await listen((socket) => socket.end('SSH-2.0-secret\r\n'));
  const failure = await failureOf(adapterAt(port).list(caller, firstPage));
  expect(failure.kind).toBe('unavailable');
  expect(failure.cause).toEqual(expect.not.stringContaining('secret'));
});

test('a port where nobody listens is unavailable', async () => {
  const { port, close } = await listen(() => {});
  await close();
  const failure = await failureOf(adapterAt(port).list(caller, firstPage));
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
    'drips its body, each piece in time',
    (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 10);
      response.on('close', () => {
        clearInterval(drip);
      });
    },
  ],
];

test.each(silences)('a vendor that %s is a timeout', async (_, handler) => {
  const { enviaai, reports } = await adapt(handler, { timeoutMs: 100 });
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'timeout' });
  expect(reports).toMatchObject([{ outcome: 'timeout' }]);
  expect(reports[0]?.durationMs).toBeGreaterThan(90);
  expect(reports[0]?.durationMs).toBeLessThan(1000);
});

test('what is left of the operation counts where it is less', async () => {
  const { enviaai } = await adapt(() => {}, { timeoutMs: 60_000 });
  const failure = await failureOf(enviaai.list({ ...caller, timeoutMs: 50 }, firstPage));
  expect(failure.kind).toBe('timeout');
});

test('more time than configured is not given', async () => {
  const { enviaai } = await adapt(() => {}, { timeoutMs: 50 });
  const failure = await failureOf(enviaai.list({ ...caller, timeoutMs: 60_000 }, firstPage));
  expect(failure.kind).toBe('timeout');
});

test('without time left no call is made', async () => {
  const { enviaai, upstream, reports } = await adapt(always(200, body));
  const failure = await failureOf(enviaai.list({ ...caller, timeoutMs: 0 }, firstPage));
  expect(failure.kind).toBe('timeout');
  expect(upstream.calls).toEqual([]);
  expect(reports).toEqual([]);
});

test('a call that waits for a connection waits within its timeout, and is then not sent', async () => {
  const { enviaai, upstream } = await adapt(() => {}, { timeoutMs: 1000 });
  const busy = Array.from({ length: 256 }, () => failureOf(enviaai.list(caller, firstPage)));
  const failure = await failureOf(enviaai.get({ ...caller, timeoutMs: 100 }, 'inst_late'));
  expect(failure.kind).toBe('timeout');
  expect(new Set((await Promise.all(busy)).map(({ kind }) => kind))).toEqual(new Set(['timeout']));
  await enviaai.close();
  expect(upstream.calls.filter(({ path }) => path.includes('inst_late'))).toEqual([]);
});

test('a caller that gives up in the middle is told at once, and the call ends', async () => {
  let closed = false;
  const giveUp = new AbortController();
  const reason = new Error('gone');
  const { enviaai, reports } = await adapt((request) => {
    request.socket.on('close', () => {
      closed = true;
    });
    giveUp.abort(reason);
  });
  const failure = await failureOf(enviaai.list({ ...caller, signal: giveUp.signal }, firstPage));
  expect(failure).toMatchObject({ kind: 'unavailable', cause: reason });
  expect(reports).toMatchObject([{ outcome: 'unavailable', status: null }]);
  await expect.poll(() => closed).toBe(true);
});

test('a caller that had gone before costs no call', async () => {
  const { enviaai, upstream, reports } = await adapt(always(200, body));
  const signal = AbortSignal.abort();
  expect(await failureOf(enviaai.list({ ...caller, signal }, firstPage))).toMatchObject({
    kind: 'unavailable',
  });
  expect(upstream.calls).toEqual([]);
  expect(reports).toEqual([]);
});

test('a call that ended takes its ear off the signal', async () => {
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

test('after a broken call the next one is well', async () => {
  let count = 0;
  const { enviaai } = await adapt((request, response) => {
    if (++count === 1) request.socket.destroy();
    else response.end(body);
  });
  await failureOf(enviaai.list(caller, firstPage));
  expect((await enviaai.list(caller, firstPage)).rows).toHaveLength(1);
});

async function listen(answer: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume();
    answer(socket);
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

function adapterAt(port: number) {
  const baseUrl = new URL(`http://127.0.0.1:${port}/v1`);
  const enviaai = createEnviaai({ baseUrl, timeoutMs: 5000 });
  onTestFinished(() => enviaai.close());
  return enviaai;
}
