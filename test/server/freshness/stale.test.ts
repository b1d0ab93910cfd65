import { expect, test } from 'vitest';
import { figure } from '#test/support/budget/figure.ts';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { startGated } from '#test/support/freshness/gate.ts';

const list = '{ instances { totalCount } }';
const key = 'test';
const three = { totalCount: 3 };
const four = { totalCount: 4 };

const down = [
  { status: 500 },
  { status: 502 },
  { status: 503 },
  { status: 504 },
  { status: 418 },
  { status: 429, retryAfter: 30 },
  { mode: 'reset' },
  { mode: 'truncate' },
  { mode: 'invalid-json' },
  { mode: 'html' },
  { mode: 'status', status: 200, body: { success: true } },
] as const;

test.for(down)(
  'while the upstream fails by %o, rows up to a minute old are served and say so; after that there is an error',
  async (fault) => {
    const clock = createTestClock();
    const server = await start({ clock });
    const asOf = new Date(clock.now()).toISOString();
    await server.query(list);
    server.sandbox.control.add({ key });
    server.sandbox.control.fail({ key, ...fault, times: 100 });
    clock.advance(60_000);
    const old = await server.query(list);
    expect([old.data.instances, old.errors]).toEqual([three, undefined]);
    expect(old.extensions?.enviaai).toMatchObject({ asOf, stale: true });

    clock.advance(1);
    const failed = await server.query(list);
    expect(failed.data).toEqual({ instances: null });
    expect(failed.errors).toMatchObject([
      { path: ['instances'], extensions: { code: expect.stringMatching(/^(UPSTREAM|RATE)_/) } },
    ]);
    expect(failed.extensions?.enviaai).toMatchObject({ asOf: null, stale: false });
    // One call for each of the two, or three where the fault may be over in moments.
    expect(server.calls().length).toBeLessThanOrEqual(1 + 2 * 3);
  },
);

test('a failure is not kept: who asks next is answered, for a call', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  server.sandbox.control.fail({ key, status: 500 });
  expect((await server.query(list)).errors).toHaveLength(1);
  const { data, extensions } = await server.query(list);
  expect([data.instances, extensions?.enviaai?.calls]).toEqual([three, 1]);
  expect(server.calls()).toHaveLength(2);
});

test('with STALE_MS=0 nothing older than fresh is ever served', async () => {
  const clock = createTestClock();
  const server = await start({ clock, env: { STALE_MS: '0' } });
  await server.query(list);
  server.sandbox.control.fail({ key, status: 500 });
  clock.advance(2001);
  expect((await server.query(list)).errors).toMatchObject([
    { extensions: { code: 'UPSTREAM_ERROR' } },
  ]);
  expect(server.calls()).toHaveLength(2);
});

test('an upstream that takes over a second costs no reader more: what is held is served, and the answer is there for the next', async () => {
  const clock = createTestClock();
  const server = await startGated({ clock });
  const asOf = new Date(clock.now()).toISOString();
  await server.query(list);
  server.sandbox.control.add({ key });
  clock.advance(3000);
  server.shut();
  const askedAt = new Date(clock.now()).toISOString();
  const reading = [server.query(list), server.query(list)];
  await expect.poll(() => server.held()).toBe(1);
  const joined = 'enviaai_operations_joined_total';
  await expect.poll(() => figure(server, joined)).toBe(1);
  clock.advance(1000);
  for (const { data, errors, extensions } of await Promise.all(reading)) {
    expect([data.instances, errors]).toEqual([three, undefined]);
    expect(extensions?.enviaai).toMatchObject({ asOf, stale: true });
  }

  server.open();
  await expect.poll(() => server.calls().length).toBe(2);
  await expect
    .poll(async () => (await server.query(list)).extensions?.enviaai)
    .toEqual({ calls: 0, asOf: askedAt, stale: false, remaining: 998 });
  const { data } = await server.query(list);
  expect(data.instances).toEqual(four);
  expect(server.calls()).toHaveLength(2);
});

test('a reader with nothing to fall back on waits for a slow upstream', async () => {
  const clock = createTestClock();
  const server = await startGated({ clock });
  server.shut();
  const waiting = server.query(list);
  await expect.poll(() => server.held()).toBe(1);
  clock.advance(3000);
  server.open();
  const { data, extensions } = await waiting;
  expect([data.instances, extensions?.enviaai?.calls]).toEqual([three, 1]);
  expect(server.calls()).toHaveLength(1);
});
