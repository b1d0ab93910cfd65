import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { figure } from '#test/support/budget/figure.ts';
import { refusedIn } from '#test/support/budget/polls.ts';

const list = '{ instances { totalCount } }';
const unheldIn = (id: string) => `{ instance(id: "inst_${id}") { id } }`;
const key = 'test';
const noCache = { 'cache-control': 'no-cache' };
const limited = (retryAfter: number) => [{ extensions: { code: 'RATE_LIMITED', retryAfter } }];

test('a tenth is kept for reads that nothing held can answer: they get through when refreshes do not', async () => {
  const clock = createTestClock();
  const server = await start({ clock, ratePerMinute: 50 });
  await server.query(list);
  server.sandbox.control.spend({ key, remaining: 6 });
  clock.advance(3000);
  await server.query(list);
  expect(server.calls()).toHaveLength(2);

  clock.advance(3000);
  for (const headers of [{}, noCache]) {
    const { data, extensions } = await server.query(list, {}, headers);
    expect(data.instances).toEqual({ totalCount: 3 });
    expect(extensions?.enviaai).toMatchObject({ calls: 0, stale: true });
  }
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    const { data, errors } = await server.query(unheldIn(id));
    expect([data.instance, errors]).toEqual([null, undefined]);
  }
  expect((await server.query(unheldIn('f'))).errors).toMatchObject(limited(54));
  expect(server.calls()).toHaveLength(7);
  expect(refusedIn(server)).toBe(0);
});

test('a read that needs a call waits where the window ends within 2 s, and is answered for one call', async () => {
  const clock = createTestClock();
  const server = await start({ clock, ratePerMinute: 1 });
  await server.query(list);
  clock.advance(58_000);
  const waiting = server.query(unheldIn('a'));
  await expect.poll(() => figure(server, 'enviaai_budget_wait_seconds_count')).toBe(1);
  expect(server.calls()).toHaveLength(1);
  clock.advance(2000);
  const { data, errors, extensions } = await waiting;
  expect([data.instance, errors]).toEqual([null, undefined]);
  expect(extensions?.enviaai?.calls).toBe(1);
  expect(server.calls()).toHaveLength(2);
  expect(refusedIn(server)).toBe(0);
});

test('it fails at once, without a call, where the window ends later, and says when', async () => {
  const clock = createTestClock();
  const server = await start({ clock, ratePerMinute: 1 });
  await server.query(list);
  clock.advance(57_999);
  const { data, errors, extensions } = await server.query(unheldIn('a'));
  expect(data.instance).toBeNull();
  expect(errors).toMatchObject(limited(3));
  expect(extensions?.enviaai).toMatchObject({ calls: 0, asOf: null });
  expect(server.calls()).toHaveLength(1);
});

test('of several that waited for one request, one gets it, and the others are told when to come back', async () => {
  const clock = createTestClock();
  // In so large an account each id is asked for by itself.
  const server = await start({ clock, ratePerMinute: 1, instances: 300 });
  await server.query(list);
  clock.advance(59_000);
  const waiting = ['a', 'b', 'c', 'd'].map((id) => server.query(unheldIn(id)));
  await expect.poll(() => figure(server, 'enviaai_budget_wait_seconds_count')).toBe(4);
  clock.advance(1000);
  const failed = (await Promise.all(waiting)).flatMap(({ errors = [] }) => errors);
  expect(failed).toMatchObject([limited(60), limited(60), limited(60)].flat());
  expect(server.calls()).toHaveLength(2);
  expect(refusedIn(server)).toBe(0);
});

test('a key of one request a minute serves a list all the time, for one call a minute', async () => {
  const clock = createTestClock();
  const env = { ENVIAAI_RATE_PER_MINUTE: '1' };
  const server = await start({ clock, ratePerMinute: 1, env });
  for (let round = 0; round < 60; round += 1) {
    const { data, extensions } = await server.query(list);
    expect(data.instances).toEqual({ totalCount: 3 });
    const ageMs = clock.now() - Date.parse(extensions?.enviaai?.asOf ?? '');
    expect(ageMs).toBeLessThanOrEqual(60_000);
    expect(extensions?.enviaai?.stale).toBe(ageMs > 2000);
    clock.advance(5000);
  }
  expect(server.calls()).toHaveLength(5);
  expect(refusedIn(server)).toBe(0);
});

test('refreshes go on at once when a minute begins, though the last one was used up', async () => {
  const clock = createTestClock();
  const server = await start({ clock, ratePerMinute: 50 });
  await server.query(list);
  server.sandbox.control.spend({ key, remaining: 7 });
  while (clock.now() < Date.UTC(2026, 0, 1, 0, 1)) {
    await server.query(list);
    clock.advance(1000);
  }
  expect(server.calls()).toHaveLength(3);
  for (let refresh = 0; refresh < 8; refresh += 1) {
    expect((await server.query(list)).extensions?.enviaai).toMatchObject({ stale: false });
    clock.advance(2001);
  }
  expect(server.calls()).toHaveLength(11);
  expect(refusedIn(server)).toBe(0);
});
