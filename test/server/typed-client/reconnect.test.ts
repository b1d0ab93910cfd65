import {
  type ClientOptions,
  createClient,
  type EnviaaiError,
  type LinkEvent,
} from 'enviaai-graphql/client';
import { expect, test } from 'vitest';
import {
  breaksAfter,
  complete,
  endsAfter,
  failed,
  qrEvent,
  says,
  startEventServer,
} from '#test/support/live/event-server.ts';

const silenceMs = 45_000;

/** Waits take no time and are recorded, but the silence of a stream is never over. */
function recordedSleep() {
  const waits: number[] = [];
  const sleep: ClientOptions['sleep'] = async (ms, signal) => {
    if (ms !== silenceMs) waits.push(ms);
    else {
      await new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(new Error('aborted'))),
      );
    }
  };
  return { waits, sleep };
}

/** Follows `connect` to its end. */
async function follow({ url }: { readonly url: string }, options: Partial<ClientOptions> = {}) {
  const { waits, sleep } = recordedSleep();
  const { instances } = createClient({ url, random: () => 0.5, sleep, ...options });
  const seen: LinkEvent[] = [];
  let error: EnviaaiError | undefined;
  try {
    for await (const event of instances.connect('inst_1')) seen.push(event);
  } catch (thrown) {
    error = thrown as EnviaaiError;
  }
  return {
    images: seen.map(({ image }) => image),
    last: seen.at(-1),
    error,
    waits,
  };
}

const linked = qrEvent({ status: 'CONNECTED', outcome: 'LINKED' }) + complete;
const code = (image: string) => qrEvent({ image, expiresAt: '2026-01-01T00:01:00.000Z' });

test('a stream that breaks is opened again, and a code that was shown is not repeated', async () => {
  const server = await startEventServer(
    breaksAfter(code('code 1'), code('code 2')),
    breaksAfter(code('code 2')),
    says(code('code 2'), code('code 3'), linked),
  );
  const { images, last, waits, error } = await follow(server);
  expect(error).toBeUndefined();
  expect(images).toEqual(['code 1', 'code 2', 'code 3', null]);
  expect(last).toMatchObject({ status: 'connected', outcome: 'linked' });
  expect(waits).toEqual([500, 500]);
  expect(server.streams()).toBe(3);
});

test('a stream that ends without its end is broken, too', async () => {
  const server = await startEventServer(endsAfter(code('code 2')), says(linked));
  const { last, waits } = await follow(server);
  expect(last).toMatchObject({ outcome: 'linked' });
  expect(waits).toEqual([500]);
});

test('while no stream can be opened, the waits grow, with full jitter, and end after eight', async () => {
  const server = await startEventServer((response) => response.destroy());
  const { images, error, waits } = await follow(server);
  expect(images).toEqual(['code 1']);
  expect(error).toMatchObject({ code: 'UNREACHABLE' });
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  expect((await follow(server, { random: () => 0 })).waits).toEqual(Array(8).fill(0));
});

test('an event after failures makes the waits short again', async () => {
  const breaks = breaksAfter();
  const server = await startEventServer(breaks, breaks, breaksAfter(code('code 2')), says(linked));
  expect((await follow(server)).waits).toEqual([500, 1000, 500]);
});

test('a server that stops says when to come back', async () => {
  const end = failed({ code: 'STREAM_ENDED', reason: 'SHUTDOWN', retryAfter: 7 });
  const server = await startEventServer(says(code('code 2'), end), says(linked));
  const { last, waits } = await follow(server);
  expect(last).toMatchObject({ outcome: 'linked' });
  expect(waits).toEqual([7000]);
});

test.each([
  ['FORBIDDEN', {}],
  ['LIMIT_EXCEEDED', { limit: 'LIVE_MAX_STREAMS' }],
  ['UPSTREAM_ERROR', { upstreamCode: 'official_api_instance' }],
  ['RATE_LIMITED', { retryAfter: 61 }],
])('an error that another stream would have, too, ends the loop: %s', async (code, facts) => {
  const server = await startEventServer(says(failed({ code, ...facts })));
  const { error, waits } = await follow(server);
  expect(error).toMatchObject({ code, retryAfter: null, ...('retryAfter' in facts && facts) });
  expect(waits).toEqual([]);
  expect(server.streams()).toBe(1);
});

test('a token that expires is asked for again, but not twice in a row', async () => {
  const expired = failed({ code: 'UNAUTHENTICATED' });
  const server = await startEventServer(says(code('code 2'), expired), says(expired));
  let tokens = 0;
  const { error, waits } = await follow(server, { token: () => `token ${++tokens}` });
  expect(error).toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(waits).toEqual([0]);
  expect(server.authorizations).toEqual(['Bearer token 2', 'Bearer token 3']);
});

test('a stream without a byte for 45 s is broken', async () => {
  const server = await startEventServer(says(code('code 2')), says(linked));
  const waits: number[] = [];
  let silences = 0;
  const sleep: ClientOptions['sleep'] = (ms, signal) => {
    if (ms !== silenceMs) return Promise.resolve(void waits.push(ms));
    silences += 1;
    // The second silence begins after the first event; the others end with a byte.
    return new Promise((resolve, reject) => {
      if (silences === 3) resolve();
      else signal?.addEventListener('abort', () => reject(new Error('aborted')));
    });
  };
  const { last } = await follow(server, { sleep });
  expect(last).toMatchObject({ outcome: 'linked' });
  expect(waits).toEqual([500]);
  expect(server.streams()).toBe(2);
});

test('an attempt that has ended while there was no stream is over', async () => {
  const waiting = qrEvent({ status: 'DISCONNECTED' });
  const server = await startEventServer(breaksAfter(code('code 2')), says(waiting));
  const { last, error } = await follow(server);
  expect(error).toBeUndefined();
  expect(last).toEqual({
    status: 'disconnected',
    image: null,
    expiresAt: null,
    outcome: 'expired',
  });
});

test('events are read however their bytes are split, and whatever ends their lines', async () => {
  const bytes = Buffer.from(`:\r\n\r\n${code('código 2')}${linked}`.replaceAll('\n', '\r\n'));
  const server = await startEventServer((response) => {
    says()(response);
    const write = (at: number): void => {
      if (at === bytes.length) return;
      response.write(bytes.subarray(at, at + 1), () => setImmediate(() => write(at + 1)));
    };
    write(0);
  });
  const { images, last } = await follow(server);
  expect(images).toEqual(['code 1', 'código 2', null]);
  expect(last).toMatchObject({ outcome: 'linked' });
});

test.each([
  ['text that is no JSON', 'event: next\ndata: {\n\n', 'INVALID_RESPONSE'],
  ['an end without an outcome', complete, 'INVALID_RESPONSE'],
])('a stream that is not ours ends the loop: %s', async (_, text, code) => {
  const server = await startEventServer(says(text));
  expect((await follow(server)).error).toMatchObject({ code });
});

test('a refusal in JSON, and a page of a proxy, are errors as those of other calls', async () => {
  const refusal = { errors: [{ message: 'No.', extensions: { code: 'BAD_REQUEST' } }] };
  const json = await startEventServer((response) =>
    response.writeHead(406, { 'content-type': 'application/json' }).end(JSON.stringify(refusal)),
  );
  expect((await follow(json)).error).toMatchObject({ code: 'BAD_REQUEST', message: 'No.' });
  const proxy = await startEventServer((response) => response.writeHead(404).end('<h1>No</h1>'));
  expect((await follow(proxy)).error).toMatchObject({ code: 'INVALID_RESPONSE' });
  const busy = await startEventServer(
    (response) => response.writeHead(503).end('<h1>Later</h1>'),
    says(linked),
  );
  expect(await follow(busy)).toMatchObject({ error: undefined, waits: [500] });
});

test('without response streams, as in React Native, connect says so', async () => {
  const server = await startEventServer(says(linked));
  const withoutBody: typeof fetch = async (...call) => {
    const response = await fetch(...call);
    const { status, headers } = response;
    const isStream = headers.get('content-type')?.startsWith('text/event-stream');
    const text = isStream ? '' : await response.text();
    return { status, headers, text: async () => text } as Response;
  };
  const unsupported = { code: 'STREAM_UNSUPPORTED', message: expect.stringContaining('`fetch`') };
  expect((await follow(server, { fetch: withoutBody })).error).toMatchObject(unsupported);

  // A platform of this kind is known before an attempt is begun.
  const { body } = Object.getOwnPropertyDescriptors(Response.prototype);
  Reflect.deleteProperty(Response.prototype, 'body');
  try {
    const { images, error } = await follow({ url: 'http://127.0.0.1:1' });
    expect(error).toMatchObject(unsupported);
    expect(images).toEqual([]);
  } finally {
    Object.defineProperty(Response.prototype, 'body', body);
  }
});
