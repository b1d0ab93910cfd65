import { once } from 'node:events';
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { figure } from '#test/support/budget/figure.ts';
import { startGated } from '#test/support/freshness/gate.ts';
import { createTestClock } from '#test/support/clock.ts';
import { withoutCursors, fullList } from '#test/support/response-cache/caching-server.ts';

const key = 'test';

/**
 * A server with a cached response that must be revalidated, and an upstream that does not respond
 * yet.
 */
async function startRevalidating() {
  const clock = createTestClock();
  const server = await startGated({ clock });
  const first = await server.query(fullList);
  clock.advance(2001);
  server.shut();
  return { ...server, clock, first, reused: () => figure(server, 'enviaai_answers_reused_total') };
}

/** Sends an operation; the client can disconnect. */
function ask(url: string) {
  const asking = request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
  });
  asking.on('error', () => {});
  asking.end(JSON.stringify({ query: fullList }));
  return asking;
}

const joined = 'enviaai_operations_joined_total';
const lines = (log: readonly string[], status: number) =>
  log.filter((line) => line.includes(`"status":${status}`));

test('a client that disconnects during a revalidation does not affect others', async () => {
  const server = await startRevalidating();
  const gone = ask(server.url);
  await expect.poll(() => server.held()).toBe(1);
  const others = [server.query(fullList), server.query(fullList)];
  await expect.poll(() => figure(server, joined)).toBe(2);
  gone.destroy();
  await expect.poll(() => lines(server.log, 499).length).toBe(1);
  server.open();
  for (const answer of await Promise.all(others)) {
    expect(withoutCursors(answer)).toBe(withoutCursors(server.first));
    expect(answer.extensions?.enviaai).toMatchObject({ stale: false });
    expect(answer.extensions?.enviaai?.asOf).toBe(new Date(server.clock.now()).toISOString());
  }
  // The response for the disconnected client is not cached.
  const next = await server.query(fullList);
  expect(next.extensions?.enviaai).toMatchObject({ calls: 0, stale: false });
  expect(server.calls()).toHaveLength(2);
});

test('simultaneous revalidations share one call and its changes', async () => {
  const server = await startRevalidating();
  server.sandbox.control.add({ key });
  const reading = Array.from({ length: 10 }, () => server.query(fullList));
  await expect.poll(() => server.held()).toBe(1);
  await expect.poll(() => figure(server, joined)).toBe(9);
  server.open();
  const answers = await Promise.all(reading);
  expect(answers.map(({ data }) => data.instances.totalCount)).toEqual(answers.map(() => 4));
  const started = answers.map(({ extensions }) => extensions?.enviaai?.calls ?? 0);
  expect(started.filter((calls) => calls > 0)).toEqual([1]);
  expect(server.calls()).toHaveLength(2);
});

test('an upstream that takes more than a second makes the cached response stale, until its response comes', async () => {
  const server = await startRevalidating();
  const waiting = server.query(fullList);
  await expect.poll(() => server.held()).toBe(1);
  server.clock.advance(1000);
  const stale = await waiting;
  expect(stale.extensions?.enviaai).toMatchObject({ calls: 1, stale: true });
  expect(withoutCursors(stale)).toBe(withoutCursors(server.first));
  server.open();
  await expect.poll(() => server.calls().length).toBe(2);
  await expect
    .poll(async () => (await server.query(fullList)).extensions?.enviaai)
    .toMatchObject({ calls: 0, stale: false });
  expect(server.calls()).toHaveLength(2);
});

test('a server that stops during a revalidation sends the response first', async () => {
  const server = await startRevalidating();
  const asking = ask(server.url);
  await expect.poll(() => server.held()).toBe(1);
  const answered = once(asking, 'response');
  const closed = server.close();
  server.open();
  const [response] = await answered;
  expect(response.statusCode).toBe(200);
  response.resume();
  await closed;
});
