import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { type Answer, start } from '#test/support/start.ts';
import { always } from '#test/support/upstream.ts';
import {
  expectTold,
  expectWell,
  list,
  rowsOf,
  startBehind,
  vendorOf,
} from '#test/support/faults/faulty.ts';

const env = { FRESH_MS: '0', STALE_MS: '0' };
const down = always(503, '');
const as = (key: string) => ({ authorization: `Bearer ${key}` });
const total = ({ data }: Answer) => data.instances?.totalCount;

async function startOpen() {
  const clock = createTestClock();
  const server = await startBehind(down, { env, clock });
  // Three calls, and two: five in a row open it.
  expectTold(await server.query(list), { code: 'UPSTREAM_UNAVAILABLE' });
  expectTold(await server.query(list), { code: 'UPSTREAM_UNAVAILABLE', retryAfter: 2 });
  expect(server.upstream.calls).toHaveLength(5);
  return { server, clock };
}

test('while its breaker is open a key costs no calls, and its clients are told when to come back', async () => {
  const { server, clock } = await startOpen();
  const answers = await Promise.all(Array.from({ length: 20 }, () => server.query(list)));
  for (const answer of answers) {
    expectTold(answer, { code: 'UPSTREAM_UNAVAILABLE', retryAfter: 2 });
    expect(answer.extensions?.enviaai?.calls).toBe(0);
  }
  clock.advance(1500);
  expectTold(await server.query(list), { code: 'UPSTREAM_UNAVAILABLE', retryAfter: 1 });
  expect(server.upstream.calls).toHaveLength(5);
});

test('every 2 seconds one call of many looks whether the fault has ended', async () => {
  const { server, clock } = await startOpen();
  for (let probe = 1; probe <= 3; probe += 1) {
    clock.advance(2000);
    const ids = rowsOf(20).map(({ id }) => `{ instance(id: "${String(id)}") { id } }`);
    for (const answer of await Promise.all(ids.map((id) => server.query(id)))) {
      expectTold(answer, { code: 'UPSTREAM_UNAVAILABLE' });
    }
    expect(server.upstream.calls).toHaveLength(5 + probe);
  }
});

test('2 seconds after the fault has ended at the latest everything is as it was', async () => {
  const { server, clock } = await startOpen();
  server.turn();
  clock.advance(2000);
  await expectWell(server);
});

test('another key is served while the breaker of one is open', async () => {
  const { server } = await startOpen();
  server.turn();
  expect(total(await server.query(list, {}, as('another')))).toBe(3);
  expectTold(await server.query(list), { code: 'UPSTREAM_UNAVAILABLE' });
});

test.for([400, 404, 422, 429])('refusals by %i open no breaker', async (status) => {
  const clock = createTestClock();
  const server = await startBehind(always(status, ''), { env, clock });
  for (let asked = 0; asked < 10; asked += 1) {
    await server.query(list);
    clock.advance(60_001);
  }
  expect(server.upstream.calls).toHaveLength(10);
  await expectWell(server);
});

test('connections that cannot be made open the breaker of all keys, until they can', async () => {
  const clock = createTestClock();
  const vendor = createServer((request, response) => {
    void vendorOf(rowsOf(3))(request, response);
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => void vendor.listen(port, '127.0.0.1', resolve));
  const stop = () => new Promise((resolve) => vendor.close(resolve));
  await listen(0);
  const { port } = vendor.address() as AddressInfo;
  await stop();

  const server = await start({ upstream: `http://127.0.0.1:${port}`, env, clock });
  for (const key of ['a', 'b']) {
    expectTold(await server.query(list, {}, as(key)), { code: 'UPSTREAM_UNAVAILABLE' });
  }
  // A key that never failed is told at once, without an attempt.
  const told = await server.query(list, {}, as('c'));
  expectTold(told, { code: 'UPSTREAM_UNAVAILABLE', retryAfter: 2 });
  expect(told.extensions?.enviaai?.calls).toBe(0);

  await listen(port);
  onTestFinished(() => {
    vendor.closeAllConnections();
    vendor.close();
  });
  clock.advance(2000);
  for (const key of ['a', 'b', 'c']) expect(total(await server.query(list, {}, as(key)))).toBe(3);
});

test('of all calls of a minute 20 are second attempts where calls are few, whatever fails', async () => {
  const clock = createTestClock();
  const server = await startBehind(down, { env, clock });
  const askAll = async (minute: number) => {
    const keys = Array.from({ length: 30 }, (_, key) => as(`${minute}-${key}`));
    for (const answer of await Promise.all(keys.map((key) => server.query(list, {}, key)))) {
      expectTold(answer, { code: 'UPSTREAM_UNAVAILABLE' });
    }
  };
  await askAll(1);
  expect(server.upstream.calls).toHaveLength(30 + 20);
  await askAll(2);
  expect(server.upstream.calls).toHaveLength(60 + 20);
  clock.advance(61_000);
  await askAll(3);
  expect(server.upstream.calls).toHaveLength(90 + 40);
});

test('second attempts are paid from the budget, and end with it', async () => {
  const server = await startBehind(down, { env: { ...env, ENVIAAI_RATE_PER_MINUTE: '2' } });
  expectTold(await server.query(list), { code: 'RATE_LIMITED' });
  expect(server.upstream.calls).toHaveLength(2);
});
