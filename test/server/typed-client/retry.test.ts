import { createClient } from 'enviaai-graphql/client';
import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { startUpstream } from '#test/support/upstream.ts';

/**
 * Starts a server that refuses `times` calls with this `retryAfter` in seconds, and answers the
 * next.
 */
async function refusing(times: number, retryAfter: number | null) {
  const refusal = {
    data: { instance: null },
    errors: [
      { message: 'Not now', path: ['instance'], extensions: { code: 'RATE_LIMITED', retryAfter } },
    ],
  };
  let calls = 0;
  const server = await startUpstream((_, response) => {
    const body = calls++ < times ? refusal : { data: { instance: null } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  return server;
}

/** A `sleep` that takes no time and records the waits. */
function sleeper() {
  const waits: number[] = [];
  return { waits, sleep: async (ms: number) => void waits.push(ms) };
}

test('a call waits for a spent budget as long as the server says, then succeeds', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  server.sandbox.control.spend({ key: 'test', remaining: 0 });
  const waits: number[] = [];
  const sleep = async (ms: number) => {
    waits.push(ms);
    clock.advance(ms);
  };

  const { data } = await createClient({ url: server.url, token: 'test', sleep }).instances.list();

  expect(data).toHaveLength(3);
  expect(waits).toEqual([60_000]);
  const list = 'GET /instances?status=all&limit=100&offset=0';
  expect(server.calls()).toEqual([list, list]);
});

test('a call is retried twice at most', async () => {
  const server = await refusing(9, 5);
  const { waits, sleep } = sleeper();
  const call = createClient({ url: server.url.href, sleep }).instances.get('inst_1');
  await expect(call).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfter: 5 });
  expect(waits).toEqual([5000, 5000]);
  expect(server.calls).toHaveLength(3);
  await server.close();
});

test.each([
  ['retries are switched off', false, 5],
  ['the wait is longer than the default allows', undefined, 61],
  ['the wait is longer than allowed', { maxWaitMs: 4999 }, 5],
  ['the server does not say when', undefined, null],
] as const)('a call is not retried if %s', async (_, retry, retryAfter) => {
  const server = await refusing(1, retryAfter);
  const { waits, sleep } = sleeper();
  const call = createClient({ url: server.url.href, sleep, retry }).instances.get('inst_1');
  await expect(call).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  expect([waits, server.calls.length]).toEqual([[], 1]);
  await server.close();
});

test('all waits together do not exceed maxWaitMs', async () => {
  const server = await refusing(9, 5);
  const { waits, sleep } = sleeper();
  const retry = { times: 9, maxWaitMs: 12_000 };
  const call = createClient({ url: server.url.href, sleep, retry }).instances.get('inst_1');
  await expect(call).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  expect(waits).toEqual([5000, 5000]);
  await server.close();
});

test('an abort before or during a call rejects with the signal’s reason', async () => {
  const reason = new Error('The screen is gone');
  const abort = new AbortController();
  const server = await startUpstream(() => abort.abort(reason));
  const { get } = createClient({ url: server.url.href }).instances;
  await expect(get('inst_1', { signal: abort.signal })).rejects.toBe(reason);
  await expect(get('inst_1', { signal: abort.signal })).rejects.toBe(reason);
  await server.close();
});

test('an abort ends the wait for a retry with the signal’s reason', async () => {
  const reason = new Error('The screen is gone');
  const abort = new AbortController();
  let calls = 0;
  const refuse: typeof fetch = async () => {
    calls += 1;
    // setImmediate runs after the response is read, when the timer of the wait already runs.
    setImmediate(() => abort.abort(reason));
    const extensions = { code: 'RATE_LIMITED', retryAfter: 50 };
    return Response.json({ data: null, errors: [{ message: 'Not now', extensions }] });
  };
  const { get } = createClient({ url: 'http://localhost', fetch: refuse }).instances;
  await expect(get('inst_1', { signal: abort.signal })).rejects.toBe(reason);
  expect(calls).toBe(1);
});

test('an abort ends all() with the signal’s reason, and no more calls are sent', async () => {
  const server = await start({ instances: 1000, clock: createTestClock() });
  const abort = new AbortController();
  const readAll = async () => {
    let rowsRead = 0;
    const rows = createClient({ url: server.url, token: 'test' }).instances.all({
      signal: abort.signal,
    });
    for await (const _ of rows) if (++rowsRead === 150) abort.abort();
  };
  await expect(readAll()).rejects.toHaveProperty('name', 'AbortError');
  expect(server.calls()).toHaveLength(3);
});
