import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { startGated } from '#test/support/freshness/gate.ts';

const list = '{ instances { totalCount } }';
const rateLimit = '{ rateLimit { limit remaining resetAt } }';
const later = (ms: number, clock: { now: () => number }) =>
  new Date(clock.now() + ms).toISOString();

test('50 clients that ask at once for the same cost one call, and one of them says so', async () => {
  const clock = createTestClock();
  const server = await startGated({ clock });
  const asOf = later(0, clock);
  server.shut();
  const asking = Array.from({ length: 50 }, () => server.query(list));
  await expect.poll(() => server.held()).toBe(1);
  server.open();
  const costs = (await Promise.all(asking)).map(({ extensions }) => extensions?.enviaai);
  expect(costs.reduce((sum, cost) => sum + (cost?.calls ?? 0), 0)).toBe(1);
  for (const cost of costs) expect(cost).toMatchObject({ asOf, stale: false });
  expect(server.calls()).toHaveLength(1);
});

test('50 clients that ask at once for four things cost four calls, each reported once', async () => {
  const clock = createTestClock();
  const server = await start({ clock, instances: 300 });
  const lists = ['first: 1', 'first: 1, status: CONNECTED', 'first: 1, status: DISCONNECTED'];
  const queries = [...lists, 'first: 1, status: CONNECTING'].map(
    (each) => `{ instances(${each}) { totalCount } }`,
  );
  const asking = Array.from({ length: 50 }, (_, client) => server.query(queries[client % 4] ?? ''));
  const calls = (await Promise.all(asking)).map(({ extensions }) => extensions?.enviaai?.calls);
  expect(calls.reduce((sum, each) => (sum ?? 0) + (each ?? 0), 0)).toBe(4);
  expect(server.calls()).toHaveLength(4);
});

test('an answer is as old as the oldest of what it was made from, for the calls it caused itself', async () => {
  const clock = createTestClock();
  const server = await start({ clock, instances: 300 });
  const asOf = later(0, clock);
  await server.query(list);
  clock.advance(1500);
  const { extensions } = await server.query(/* GraphQL */ `
    {
      all: instances(first: 1) {
        totalCount
      }
      connecting: instances(status: CONNECTING, first: 1) {
        totalCount
      }
    }
  `);
  expect(extensions?.enviaai).toEqual({ calls: 1, asOf, stale: false, remaining: 998 });
  expect(server.calls()).toHaveLength(2);
});

test('an operation that reads no instances says nothing of cost, and one that failed what it cost', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  for (const query of ['{ __typename }', rateLimit, '{ instance(id: "") { id } }']) {
    expect((await server.query(query)).extensions).toBeUndefined();
  }
  server.sandbox.control.fail({ key: 'test', status: 500 });
  const failed = await server.query(list);
  expect(failed.extensions?.enviaai).toMatchObject({ calls: 1, asOf: null, stale: false });
  expect(server.calls()).toHaveLength(1);
});

test("the caller's budget is read without a call: unknown at first, known after a call, unknown past its end", async () => {
  const clock = createTestClock();
  const server = await start({ clock, ratePerMinute: 50 });
  const rateLimitNow = async () => (await server.query(rateLimit)).data.rateLimit;
  expect(await rateLimitNow()).toBeNull();

  const resetAt = later(60_000, clock);
  await server.query(list);
  expect(await rateLimitNow()).toEqual({ limit: 50, remaining: 49, resetAt });
  clock.advance(3000);
  const both = await server.query(`{ rateLimit { remaining } instances { totalCount } }`);
  expect(both.data.rateLimit).toEqual({ remaining: 48 });
  expect(both.extensions?.enviaai?.calls).toBe(1);
  const other = await server.query(rateLimit, {}, { authorization: 'Bearer other' });
  expect(other.data.rateLimit).toBeNull();

  clock.advance(56_999);
  expect(await rateLimitNow()).toEqual({ limit: 50, remaining: 48, resetAt });
  clock.advance(1);
  expect(await rateLimitNow()).toBeNull();
  expect([server.calls(), server.calls('other')].flat()).toHaveLength(2);
});

test('each response says what remains of the budget, also one from a cache, and null when it is not known', async () => {
  const clock = createTestClock();
  const server = await start({ clock, ratePerMinute: 50, instances: 300 });
  const remainingOf = async (query: string) =>
    (await server.query(query)).extensions?.enviaai?.remaining;
  expect(await remainingOf(list)).toBe(49);
  expect(await remainingOf(list)).toBe(49);
  expect(await remainingOf('{ instance(id: "inst_nowhere") { id } }')).toBe(48);
  // The response is cached, the budget is not.
  expect(await remainingOf(list)).toBe(48);
  expect(server.calls()).toHaveLength(2);

  server.sandbox.control.fail({ key: 'test', status: 500, times: 100 });
  clock.advance(59_999);
  const stale = await server.query(list);
  expect(stale.extensions?.enviaai).toMatchObject({ stale: true, remaining: expect.any(Number) });
  clock.advance(1);
  server.sandbox.control.fail({ key: 'test', times: 0 });
  server.sandbox.control.fail({ key: 'test', mode: 'reset', times: 100 });
  const ended = await server.query(list);
  expect(ended.extensions?.enviaai).toMatchObject({ stale: true, remaining: null });
});
