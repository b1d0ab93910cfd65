import { describe, expect, test } from 'vitest';
import type { BudgetStore } from '#src/store/budget-store.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import { createRedisBudgetStore } from '#src/store/redis/redis-budget.ts';
import { scriptOf } from '#src/store/redis/redis-script.ts';
import { createTestClock } from '#test/support/clock.ts';
import { budgetStoreContract } from '#test/support/store/budget-contract.ts';
import { prefix, startLink } from '#test/support/store/link.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';

/** Time to live of each budget in Redis, in milliseconds. */
const timesToLive = scriptOf(`
local lives = {}
for _, key in ipairs(redis.call('KEYS', '*:budget')) do lives[#lives + 1] = redis.call('PTTL', key) end
return lives
`);

describe('budgets in memory', () => {
  budgetStoreContract(async () => createMemoryBudgetStore());
});

describe.skipIf(!hasRedis)(`budgets in Redis${redisNote}`, () => {
  budgetStoreContract(async ({ now }) => {
    const { url } = await startRedis();
    return createRedisBudgetStore(await startLink(url), { prefix, now });
  });

  test('replicas whose clocks differ by an hour share one budget', async () => {
    const { url } = await startRedis();
    const hour = 3_600_000;
    const replicas = await Promise.all(
      [-hour, 0, hour].map(async (ahead) => {
        const store = createRedisBudgetStore(await startLink(url), { prefix });
        const now = () => Date.now() + ahead;
        return {
          now,
          take: () => store.take('tenant', { now: now(), assumedLimit: 50, reserve: 0 }),
          update: (remaining: number) =>
            store.update('tenant', { now: now(), limit: 50, remaining, resetAtMs: now() + 20_000 }),
        };
      }),
    );
    for (const { take } of replicas) expect((await take()).isTaken).toBe(true);
    await replicas[0]!.update(10);
    await replicas[2]!.update(9);
    const takes = await Promise.all(
      replicas.flatMap(({ take }) => Array.from({ length: 20 }, take)),
    );
    expect(takes.filter(({ isTaken }) => isTaken)).toHaveLength(9);
    for (const { now, take } of replicas) {
      const { resetAtMs } = await take();
      expect(resetAtMs - now()).toBeGreaterThan(15_000);
      expect(resetAtMs - now()).toBeLessThanOrEqual(20_000);
    }
  });

  test('a replica counts as active for 15 s after it took from a budget', async () => {
    const { url } = await startRedis();
    const clock = createTestClock();
    const [one, two] = await Promise.all(
      [1, 2].map(async () =>
        createRedisBudgetStore(await startLink(url), { prefix, now: clock.now }),
      ),
    );
    const activeReplicas = async (store: BudgetStore | undefined, tenant: string) =>
      (await store!.take(tenant, { now: clock.now(), assumedLimit: 50, reserve: 0 }))
        .activeReplicas;
    expect(await activeReplicas(one, 'tenant')).toBe(1);
    expect(await activeReplicas(two, 'tenant')).toBe(2);
    expect(await activeReplicas(one, 'tenant')).toBe(2);
    expect(await activeReplicas(one, 'other')).toBe(1);
    clock.advance(15_000);
    expect(await activeReplicas(one, 'tenant')).toBe(1);
  });

  test('Redis deletes a budget that was not used for an hour', async () => {
    const { url } = await startRedis();
    const link = await startLink(url);
    const store = createRedisBudgetStore(link, { prefix });
    await store.take('0123abcd', { now: Date.now(), assumedLimit: 50, reserve: 0 });
    const times = await link.run(timesToLive, [], []);
    expect(times).toEqual([expect.any(Number)]);
    expect(Number((times as number[])[0])).toBeGreaterThan(3_600_000);
    expect(Number((times as number[])[0])).toBeLessThanOrEqual(3_660_000);
  });
});
