import { expect, test } from 'vitest';
import type { BudgetStore } from '#src/store/budget-store.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import { createReplicaBudgetStore } from '#src/store/redis/replica-budget.ts';
import { createTestClock } from '#test/support/clock.ts';

/** Some replicas over one store that can go away, as Redis can, and come back empty. */
function createReplicas(count: number) {
  const clock = createTestClock();
  let store: BudgetStore | undefined = createMemoryBudgetStore();
  let epoch = 1;
  let isUp = true;
  const away = () => Promise.reject(new Error('away'));
  const shared: BudgetStore = {
    take: (...input) => store?.take(...input) ?? away(),
    update: (...input) => store?.update(...input) ?? away(),
  };
  const link = { isUp: () => isUp, epoch: () => epoch, replicas: () => count };
  const replicas = Array.from({ length: count }, () => {
    const budget = createReplicaBudgetStore({ link, shared });
    return {
      take: () => budget.take('tenant', { now: clock.now(), assumedLimit: 50, keepBack: 0 }),
      learn: (remaining: number, resetInMs: number) =>
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
    goAway: () => {
      store = undefined;
    },
    noticeIt: () => {
      isUp = false;
    },
    comeBack: () => {
      store = createMemoryBudgetStore();
      isUp = true;
      epoch += 1;
    },
    takeAll: async () => {
      let count = 0;
      for (const { take } of replicas) while ((await take()).taken) count += 1;
      return count;
    },
  };
}

test('while the store is there, replicas take from one budget', async () => {
  const { takeAll } = createReplicas(3);
  expect(await takeAll()).toBe(50);
});

test.each([1, 2, 3, 7, 50])(
  'without it, %i replicas take no more than one budget',
  async (count) => {
    const { takeAll, goAway, noticeIt } = createReplicas(count);
    goAway();
    noticeIt();
    const taken = await takeAll();
    expect(taken).toBeLessThanOrEqual(50);
    expect(taken).toBeGreaterThan(50 - count);
  },
);

test('the moment it goes away costs no answer: the share stands in', async () => {
  const { replicas, goAway } = createReplicas(2);
  goAway();
  expect((await replicas[0]!.take()).taken).toBe(true);
  await replicas[0]!.learn(30, 20_000);
});

test('what was spent before it went away is not spent again', async () => {
  const { replicas, takeAll, goAway, noticeIt } = createReplicas(2);
  await Promise.all(replicas.map(({ learn }) => learn(12, 30_000)));
  for (let calls = 0; calls < 6; calls += 1) await replicas[calls % 2]!.take();
  goAway();
  noticeIt();
  const taken = await takeAll();
  expect(taken).toBeLessThanOrEqual(6);
  expect(taken).toBeGreaterThan(3);
});

test('each answer shrinks the share to what is left of the whole', async () => {
  const { replicas, takeAll, goAway, noticeIt } = createReplicas(3);
  goAway();
  noticeIt();
  await replicas[0]!.take();
  // The others have been busy.
  await replicas[0]!.learn(6, 30_000);
  const [first] = replicas;
  let taken = 0;
  while ((await first!.take()).taken) taken += 1;
  expect(taken).toBe(2);
  expect(await takeAll()).toBeLessThanOrEqual(32);
});

test('when it is back and has forgotten all, it is told before it is asked', async () => {
  const { replicas, takeAll, goAway, noticeIt, comeBack } = createReplicas(3);
  await replicas[1]!.learn(40, 30_000);
  goAway();
  noticeIt();
  await replicas[0]!.learn(4, 30_000);
  comeBack();
  expect((await replicas[0]!.take()).taken).toBe(true);
  expect(await takeAll()).toBe(3);
});

test('a pause that one heard of alone holds for all when it is back', async () => {
  const { replicas, takeAll, goAway, noticeIt, comeBack } = createReplicas(2);
  goAway();
  noticeIt();
  await replicas[0]!.pause(9000);
  comeBack();
  expect((await replicas[0]!.take()).taken).toBe(false);
  expect(await takeAll()).toBe(0);
});

test('the share lasts until the reset, and then begins anew', async () => {
  const { clock, replicas, takeAll, goAway, noticeIt } = createReplicas(2);
  goAway();
  noticeIt();
  await Promise.all(replicas.map(({ learn }) => learn(0, 5000)));
  expect(await takeAll()).toBe(0);
  clock.advance(5000);
  expect(await takeAll()).toBe(50);
});
