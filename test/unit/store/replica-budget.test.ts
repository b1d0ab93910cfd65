import { expect, test } from 'vitest';
import type { RestorableBudgetStore } from '#src/store/budget-store.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import { createReplicaBudgetStore } from '#src/store/redis/replica-budget.ts';
import { createTestClock } from '#test/support/clock.ts';

/** Replicas over one store that can become unavailable and come back empty, as Redis can. */
function createReplicas(count: number) {
  const clock = createTestClock();
  const createStore = () => createMemoryBudgetStore({ needsProbe: true });
  let store: RestorableBudgetStore | undefined = createStore();
  let epoch = 1;
  let isUp = true;
  let tickets = 0;
  const unavailable = () => Promise.reject(new Error('unavailable'));
  const shared: RestorableBudgetStore = {
    take: (...input) => store?.take(...input) ?? unavailable(),
    update: (...input) => store?.update(...input) ?? unavailable(),
    restore: (...input) => store?.restore(...input) ?? unavailable(),
    peek: (...input) => store?.peek(...input) ?? unavailable(),
  };
  const link = { isUp: () => isUp, epoch: () => epoch, replicas: () => count };
  const replicas = Array.from({ length: count }, () => {
    const budget = createReplicaBudgetStore({ link, shared });
    const take = (ticket = `ticket ${(tickets += 1)}`) =>
      budget.take('tenant', {
        now: clock.now(),
        assumedLimit: 50,
        reserve: 0,
        ticket,
        ticketMs: 13_000,
      });
    const update = (remaining: number, resetInMs: number, ticket?: string) =>
      budget.update('tenant', {
        now: clock.now(),
        limit: 50,
        remaining,
        ticket,
        resetAtMs: clock.now() + resetInMs,
      });
    return {
      take,
      update,
      /** A call that is answered at once. */
      call: async (remaining: number, resetInMs: number) => {
        const ticket = `ticket ${(tickets += 1)}`;
        const result = await take(ticket);
        if (result.isTaken) await update(remaining, resetInMs, ticket);
        return result;
      },
      pause: (ms: number) =>
        budget.update('tenant', { now: clock.now(), pausedUntilMs: clock.now() + ms }),
    };
  });
  return {
    clock,
    replicas,
    stop: () => {
      store = undefined;
    },
    detectStop: () => {
      isUp = false;
    },
    restart: () => {
      store = createStore();
      isUp = true;
      epoch += 1;
    },
    /** Deletes the budget, as an eviction does. */
    lose: () => {
      store = createStore();
    },
    takeAll: async () => {
      let count = 0;
      for (const { take } of replicas) while ((await take()).isTaken) count += 1;
      return count;
    },
  };
}

test('while Redis is available, replicas share one budget', async () => {
  const { replicas, takeAll } = createReplicas(3);
  await replicas[0]!.call(49, 60_000);
  expect(await takeAll()).toBe(49);
});

test('a budget that nobody has used yet, and a lost one, are used by one call until it is answered', async () => {
  const { replicas, lose, takeAll } = createReplicas(3);
  expect((await replicas[0]!.take('first')).isTaken).toBe(true);
  expect(await replicas[1]!.take()).toMatchObject({ isTaken: false, isPending: true });
  await replicas[0]!.update(49, 60_000, 'first');
  for (let calls = 48; calls >= 30; calls -= 1) {
    await replicas[calls % 3]!.call(calls, 60_000);
  }
  lose();
  expect((await replicas[0]!.take('second')).isTaken).toBe(true);
  for (const { take } of replicas) {
    expect(await take()).toMatchObject({ isTaken: false, isPending: true });
  }
  await replicas[0]!.update(29, 59_000, 'second');
  expect(await takeAll()).toBe(29);
});

test('a budget that is lost while calls are in flight is restored with them', async () => {
  const { replicas, lose, takeAll } = createReplicas(2);
  await replicas[0]!.call(49, 60_000);
  for (let calls = 0; calls < 20; calls += 1) await replicas[calls % 2]!.take();
  lose();
  await replicas[1]!.call(28, 60_000);
  await replicas[0]!.call(27, 60_000);
  // Both replicas knew that the 20 calls are spent.
  expect(await takeAll()).toBe(27);
});

test('a budget that every replica restores keeps its pause', async () => {
  const { replicas, lose, takeAll } = createReplicas(2);
  await replicas[0]!.call(49, 60_000);
  await replicas[0]!.pause(9000);
  lose();
  expect(await replicas[0]!.take()).toMatchObject({ isTaken: false, isPending: false });
  expect(await takeAll()).toBe(0);
});

test.each([1, 2, 3, 7, 50])(
  'without Redis, each of %i replicas sends one call until it is answered, and then its share',
  async (count) => {
    const { replicas, takeAll, stop, detectStop } = createReplicas(count);
    stop();
    detectStop();
    expect(await takeAll()).toBe(count);
    const { replicas: fresh, ...later } = createReplicas(count);
    later.stop();
    later.detectStop();
    let left = 50;
    for (const { call } of fresh) await call((left -= 1), 60_000);
    const taken = await later.takeAll();
    expect(taken).toBeLessThanOrEqual(left);
    expect(taken).toBeGreaterThan(left - 2 * count);
    expect(replicas).toHaveLength(count);
  },
);

test('a request at the moment when Redis stops is taken from the local share', async () => {
  const { replicas, stop } = createReplicas(2);
  stop();
  expect((await replicas[0]!.take()).isTaken).toBe(true);
  await replicas[0]!.update(30, 20_000);
});

test('requests that were taken from Redis reduce the local shares', async () => {
  const { replicas, takeAll, stop, detectStop } = createReplicas(2);
  for (let left = 12; left >= 6; left -= 1) await replicas[left % 2]!.call(left, 30_000);
  stop();
  detectStop();
  for (const { call } of replicas) expect((await call(5, 30_000)).isTaken).toBe(true);
  const taken = await takeAll();
  expect(taken).toBeLessThanOrEqual(5);
  expect(taken).toBeGreaterThanOrEqual(3);
});

test('each response reduces the share to a part of what is left of the whole', async () => {
  const { replicas, takeAll, stop, detectStop } = createReplicas(3);
  stop();
  detectStop();
  // The other replicas have sent calls.
  await replicas[0]!.call(6, 30_000);
  const [first] = replicas;
  let taken = 0;
  while ((await first!.take()).isTaken) taken += 1;
  expect(taken).toBe(2);
  expect(await takeAll()).toBeLessThanOrEqual(32);
});

test('a Redis that comes back empty is updated before a request is taken', async () => {
  const { replicas, takeAll, stop, detectStop, restart } = createReplicas(3);
  await replicas[1]!.update(40, 30_000);
  stop();
  detectStop();
  await replicas[0]!.update(4, 30_000);
  restart();
  expect((await replicas[0]!.call(3, 30_000)).isTaken).toBe(true);
  expect((await replicas[1]!.call(2, 30_000)).isTaken).toBe(true);
  expect(await takeAll()).toBe(2);
});

test('a pause that one replica learned of without Redis applies to all when Redis is back', async () => {
  const { replicas, takeAll, stop, detectStop, restart } = createReplicas(2);
  stop();
  detectStop();
  await replicas[0]!.pause(9000);
  restart();
  expect((await replicas[0]!.take()).isTaken).toBe(false);
  expect(await takeAll()).toBe(0);
});

test('a spent share is full again after the reset', async () => {
  const { clock, replicas, takeAll, stop, detectStop } = createReplicas(2);
  stop();
  detectStop();
  await Promise.all(replicas.map(({ update }) => update(0, 5000)));
  expect(await takeAll()).toBe(0);
  clock.advance(5000);
  for (const { call } of replicas) await call(48, 60_000);
  expect(await takeAll()).toBe(48);
});
