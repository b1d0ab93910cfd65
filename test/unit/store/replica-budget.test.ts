import { expect, test } from 'vitest';
import type { BudgetStore } from '#src/store/budget-store.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import { createReplicaBudgetStore } from '#src/store/redis/replica-budget.ts';
import { createTestClock } from '#test/support/clock.ts';

/** Replicas over one store that can become unavailable and come back empty, as Redis can. */
function createReplicas(count: number) {
  const clock = createTestClock();
  let store: BudgetStore | undefined = createMemoryBudgetStore();
  let epoch = 1;
  let isUp = true;
  const unavailable = () => Promise.reject(new Error('unavailable'));
  const shared: BudgetStore = {
    take: (...input) => store?.take(...input) ?? unavailable(),
    update: (...input) => store?.update(...input) ?? unavailable(),
  };
  const link = { isUp: () => isUp, epoch: () => epoch, replicas: () => count };
  const replicas = Array.from({ length: count }, () => {
    const budget = createReplicaBudgetStore({ link, shared });
    return {
      take: () => budget.take('tenant', { now: clock.now(), assumedLimit: 50, reserve: 0 }),
      update: (remaining: number, resetInMs: number) =>
        budget.update('tenant', {
          now: clock.now(),
          limit: 50,
          remaining,
          resetAtMs: clock.now() + resetInMs,
        }),
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
      store = createMemoryBudgetStore();
      isUp = true;
      epoch += 1;
    },
    takeAll: async () => {
      let count = 0;
      for (const { take } of replicas) while ((await take()).isTaken) count += 1;
      return count;
    },
  };
}

test('while Redis is available, replicas share one budget', async () => {
  const { takeAll } = createReplicas(3);
  expect(await takeAll()).toBe(50);
});

test.each([1, 2, 3, 7, 50])(
  'without Redis, %i replicas together never exceed one budget',
  async (count) => {
    const { takeAll, stop, detectStop } = createReplicas(count);
    stop();
    detectStop();
    const taken = await takeAll();
    expect(taken).toBeLessThanOrEqual(50);
    expect(taken).toBeGreaterThan(50 - count);
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
  await Promise.all(replicas.map(({ update }) => update(12, 30_000)));
  for (let calls = 0; calls < 6; calls += 1) await replicas[calls % 2]!.take();
  stop();
  detectStop();
  const taken = await takeAll();
  expect(taken).toBeLessThanOrEqual(6);
  expect(taken).toBeGreaterThan(3);
});

test('each response reduces the share to a part of what is left of the whole', async () => {
  const { replicas, takeAll, stop, detectStop } = createReplicas(3);
  stop();
  detectStop();
  await replicas[0]!.take();
  // The other replicas have sent calls.
  await replicas[0]!.update(6, 30_000);
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
  expect((await replicas[0]!.take()).isTaken).toBe(true);
  expect(await takeAll()).toBe(3);
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
  expect(await takeAll()).toBe(50);
});
