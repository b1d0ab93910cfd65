import { expect, test } from 'vitest';
import { refusedIn } from '#test/support/budget/polls.ts';
import { runClock } from '#test/support/budget/run-clock.ts';
import { createTestClock } from '#test/support/clock.ts';
import { type Answer, start, type Started } from '#test/support/start.ts';

const key = 'test';
const latencyMs = 300;
/** In so large an account, each id costs one call. */
const account = { instances: 1000, ratePerMinute: 50 };

let ids = 0;
const readNewIds = (server: Started, count: number): Promise<Answer[]> =>
  Promise.all(
    Array.from({ length: count }, () =>
      server.query(`{ instance(id: "inst_unknown${(ids += 1)}") { id } }`),
    ),
  );
const served = (answers: readonly Answer[]) =>
  answers.filter(({ errors }) => errors === undefined).length;
const delayAll = ({ sandbox }: Started, delayMs = latencyMs) =>
  sandbox.control.fail({ key, delayMs, times: 1000 });

/** A server that has read one list, 0.4 s after a full second: the reset is reported 0.6 s late. */
async function startInWindow() {
  const clock = createTestClock(Date.UTC(2026, 0, 1) + 400);
  const server = await start({ ...account, clock });
  await server.query('{ instances { totalCount } }');
  delayAll(server);
  return { clock, server };
}

test.for([
  ['60 ms after the turn of the window, which the server does not know yet', 60_060],
  ['60 ms after the reset that was reported', 60_660],
  ['at the reset that was reported', 60_600],
] as const)('80 reads %s: 50 are served, and EnviaAI refuses none', async ([, afterMs]) => {
  const { clock, server } = await startInWindow();
  clock.advance(afterMs);
  const count = served(await readNewIds(server, 80));
  expect(refusedIn(server)).toBe(0);
  // Before the server knows the window, the 49 of the last one are left, for calls at once.
  expect(count).toBeGreaterThanOrEqual(49);
  expect(count).toBeLessThanOrEqual(50);
  expect(server.calls()).toHaveLength(1 + count);
});

test.for([0, 60, 590, 600, 700])(
  '20 calls are in flight at the turn of a window, and 80 reads follow after %i ms: EnviaAI refuses none',
  async (afterMs) => {
    const { clock, server } = await startInWindow();
    clock.advance(59_900);
    const before = readNewIds(server, 20);
    await expect.poll(() => server.calls().length).toBe(21);
    clock.advance(100 + afterMs);
    const after = readNewIds(server, 80);
    runClock(clock);
    expect(served(await before)).toBe(20);
    const first = served(await after);
    const second = served(await readNewIds(server, 80));
    expect(refusedIn(server)).toBe(0);
    expect(first + second).toBe(50);
  },
);

test('40 reads after a 429: all that EnviaAI has left is served, and it refuses no more', async () => {
  const clock = createTestClock();
  const server = await start({ ...account, clock });
  server.sandbox.control.spend({ key, remaining: 32 });
  server.sandbox.control.fail({ key, status: 429, retryAfter: 3 });
  expect((await server.query('{ instances { totalCount } }')).errors).toHaveLength(1);
  delayAll(server, 50);
  clock.advance(3000);
  const answers = await readNewIds(server, 40);
  expect(served(answers)).toBe(31);
  const { calls } = server.sandbox.control.calls({ key });
  expect(calls.filter(({ status }) => status === 429)).toHaveLength(1);
  expect(calls).toHaveLength(1 + 31);

  clock.advance(60_000);
  expect(served(await readNewIds(server, 80))).toBe(50);
  expect(server.sandbox.control.calls({ key }).calls).toHaveLength(1 + 31 + 50);
});

test('a client that leaves while its call probes after a 429 releases the others', async () => {
  const clock = createTestClock();
  const server = await start({ ...account, clock });
  server.sandbox.control.fail({ key, status: 429, retryAfter: 3 });
  await server.query('{ instances { totalCount } }');
  server.sandbox.control.fail({ key, delayMs: 600_000, times: 1 });
  clock.advance(3000);
  const client = new AbortController();
  const left = fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer test' },
    body: JSON.stringify({ query: '{ instance(id: "inst_probe") { id } }' }),
    signal: client.signal,
  }).catch(() => 'left');
  await expect.poll(() => server.calls().length).toBe(2);
  const others = readNewIds(server, 20);
  client.abort();
  expect(await left).toBe('left');
  expect(served(await others)).toBe(20);
  expect(server.calls()).toHaveLength(22);
});

test('a call is not sent if its clients leave while it waits for the probe after a 429', async () => {
  const clock = createTestClock();
  const server = await start({ ...account, clock });
  server.sandbox.control.fail({ key, status: 429, retryAfter: 3 });
  await server.query('{ instances { totalCount } }');
  server.sandbox.control.fail({ key, delayMs: 400, times: 1 });
  clock.advance(3000);
  const probe = readNewIds(server, 1);
  await expect.poll(() => server.calls().length).toBe(2);
  const client = new AbortController();
  const left = fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer test' },
    body: JSON.stringify({ query: '{ instance(id: "inst_waiting") { id } }' }),
    signal: client.signal,
  }).catch(() => 'left');
  await new Promise((resolve) => setImmediate(resolve));
  client.abort();
  expect(await left).toBe('left');
  expect(served(await probe)).toBe(1);
  expect(served(await readNewIds(server, 1))).toBe(1);
  expect(server.calls().filter((call) => call.includes('waiting'))).toEqual([]);
});

test('stale rows are served at once during a pause, and while another call probes', async () => {
  const clock = createTestClock();
  const server = await start({ ...account, clock });
  const list = '{ instances { totalCount } }';
  await server.query(list);
  server.sandbox.control.fail({ key, status: 429, retryAfter: 4 });
  await readNewIds(server, 1);
  server.sandbox.control.fail({ key, delayMs: 400, times: 1 });
  clock.advance(3000);
  const stale = { enviaai: { calls: 0, stale: true } };
  expect((await server.query(list)).extensions).toMatchObject(stale);
  clock.advance(1000);
  const probe = readNewIds(server, 1);
  await expect.poll(() => server.calls().length).toBe(3);
  expect((await server.query(list)).extensions).toMatchObject(stale);
  expect(served(await probe)).toBe(1);
  expect((await server.query(list)).extensions).toMatchObject({
    enviaai: { calls: 1, stale: false },
  });
});
