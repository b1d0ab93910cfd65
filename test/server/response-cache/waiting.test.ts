import { once } from 'node:events';
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { figure } from '#test/support/budget/figure.ts';
import { startGated } from '#test/support/freshness/gate.ts';
import { createTestClock } from '#test/support/clock.ts';
import { placeless, everything } from '#test/support/response-cache/reusing.ts';

const key = 'test';

/** A server whose kept answer has to be called for again, at an upstream that does not answer yet. */
async function startRevalidating() {
  const clock = createTestClock();
  const server = await startGated({ clock });
  const first = await server.query(everything);
  clock.advance(2001);
  server.shut();
  return { ...server, clock, first, reused: () => figure(server, 'enviaai_answers_reused_total') };
}

/** Asks, and can go away. */
function ask(url: string) {
  const asking = request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
  });
  asking.on('error', () => {});
  asking.end(JSON.stringify({ query: everything }));
  return asking;
}

const joined = 'enviaai_upstream_calls_saved_total{by="in_flight"}';
const lines = (log: readonly string[], status: number) =>
  log.filter((line) => line.includes(`"status":${status}`));

test('a client that goes away while its answer is revalidated takes nothing from the others', async () => {
  const server = await startRevalidating();
  const gone = ask(server.url);
  await expect.poll(() => server.held()).toBe(1);
  const others = [server.query(everything), server.query(everything)];
  await expect.poll(() => figure(server, joined)).toBe(2);
  gone.destroy();
  await expect.poll(() => lines(server.log, 499).length).toBe(1);
  server.open();
  for (const answer of await Promise.all(others)) {
    expect(placeless(answer)).toBe(placeless(server.first));
    expect(answer.extensions?.enviaai).toMatchObject({ stale: false });
    expect(answer.extensions?.enviaai?.asOf).toBe(new Date(server.clock.now()).toISOString());
  }
  // What the client that left would have got is no answer that others are served.
  const next = await server.query(everything);
  expect(next.extensions?.enviaai).toMatchObject({ calls: 0, stale: false });
  expect(server.calls()).toHaveLength(2);
});

test('who revalidates at once shares one call, and all get the change that it brings', async () => {
  const server = await startRevalidating();
  server.sandbox.control.add({ key });
  const reading = Array.from({ length: 10 }, () => server.query(everything));
  await expect.poll(() => server.held()).toBe(1);
  await expect.poll(() => figure(server, joined)).toBe(9);
  server.open();
  const answers = await Promise.all(reading);
  expect(answers.map(({ data }) => data.instances.totalCount)).toEqual(answers.map(() => 4));
  const started = answers.map(({ extensions }) => extensions?.enviaai?.calls ?? 0);
  expect(started.filter((calls) => calls > 0)).toEqual([1]);
  expect(server.calls()).toHaveLength(2);
});

test('an upstream that takes over a second costs a kept answer its freshness, and the next reader nothing', async () => {
  const server = await startRevalidating();
  const waiting = server.query(everything);
  await expect.poll(() => server.held()).toBe(1);
  server.clock.advance(1000);
  const stale = await waiting;
  expect(stale.extensions?.enviaai).toMatchObject({ calls: 1, stale: true });
  expect(placeless(stale)).toBe(placeless(server.first));
  server.open();
  await expect.poll(() => server.calls().length).toBe(2);
  await expect
    .poll(async () => (await server.query(everything)).extensions?.enviaai)
    .toMatchObject({ calls: 0, stale: false });
  expect(server.calls()).toHaveLength(2);
});

test('a server that is told to stop while an answer is revalidated gives that answer first', async () => {
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
