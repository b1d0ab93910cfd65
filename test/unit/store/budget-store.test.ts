import { describe, expect, test } from 'vitest';
import type { BudgetStore } from '#src/store/budget-store.ts';
import { createMemoryBudgetStore } from '#src/store/memory/memory-budget.ts';
import { createRedisBudgetStore } from '#src/store/redis/redis-budget.ts';
import { createRedisPages } from '#src/store/redis/redis-pages.ts';
import { groupKeyOf, keyBaseOf, scriptOf } from '#src/store/redis/redis-script.ts';
import { createTestClock } from '#test/support/clock.ts';
import { budgetStoreContract } from '#test/support/store/budget-contract.ts';
import { ticketMs } from '#test/support/store/budget-events.ts';
import { prefix, startLink } from '#test/support/store/link.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';

/** Time to live of each budget in Redis, in milliseconds; -1: it has none. */
const budgets = scriptOf(`
local lives = {}
for _, key in ipairs(redis.call('KEYS', '*:budget')) do lives[#lives + 1] = redis.call('PTTL', key) end
return lives
`);

describe('budgets in memory', () => {
  budgetStoreContract(async (_, needsProbe) => createMemoryBudgetStore({ needsProbe }));
});

describe.skipIf(!hasRedis)(`budgets in Redis${redisNote}`, () => {
  budgetStoreContract(async ({ now }, needsProbe) => {
    const { url } = await startRedis();
    return createRedisBudgetStore(await startLink(url), { prefix, now }, { needsProbe });
  });

  test('replicas whose clocks differ by an hour share one budget', async () => {
    const { url } = await startRedis();
    const hour = 3_600_000;
    const replicas = await Promise.all(
      [-hour, 0, hour].map(async (ahead) => {
        const store = createRedisBudgetStore(
          await startLink(url),
          { prefix },
          { needsProbe: false },
        );
        const now = () => Date.now() + ahead;
        return {
          now,
          take: (ticket = request().ticket) =>
            store.take('tenant', { ...request(), ticket, now: now() }),
          update: (remaining: number, ticket: string) =>
            store.update('tenant', {
              now: now(),
              ticket,
              limit: 50,
              remaining,
              resetAtMs: now() + 20_000,
            }),
        };
      }),
    );
    for (const [index, { take }] of replicas.entries()) {
      expect((await take(`${index}`)).isTaken).toBe(true);
    }
    await replicas[0]!.update(11, '0');
    await replicas[1]!.update(10, '1');
    await replicas[2]!.update(9, '2');
    const takes = await Promise.all(
      replicas.flatMap(({ take }) => Array.from({ length: 20 }, () => take())),
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
      (await store!.take(tenant, { ...request(), now: clock.now() })).activeReplicas;
    expect(await activeReplicas(one, 'tenant')).toBe(1);
    expect(await activeReplicas(two, 'tenant')).toBe(2);
    expect(await activeReplicas(one, 'tenant')).toBe(2);
    expect(await activeReplicas(one, 'other')).toBe(1);
    clock.advance(15_000);
    expect(await activeReplicas(one, 'tenant')).toBe(1);
  });

  test('a budget never expires by itself, and is deleted a minute after its window by the next take of its group', async () => {
    const { url } = await startRedis();
    const link = await startLink(url);
    const clock = createTestClock();
    const store = createRedisBudgetStore(link, { prefix, now: clock.now });
    const take = (tenant: string) => store.take(tenant, { ...request(), now: clock.now() });
    await take('ab one');
    expect(await link.run(budgets, [], [])).toEqual([-1]);
    clock.advance(119_000);
    await take('ab two');
    expect(await link.run(budgets, [], [])).toHaveLength(2);
    clock.advance(2000);
    await take('cd other group');
    expect(await link.run(budgets, [], [])).toHaveLength(3);
    await take('ab three');
    expect(await link.run(budgets, [], [])).toHaveLength(3);
  });

  test('Redis has 400 budgets of a group at most, and deletes those that were not used for longest first', async () => {
    const { url } = await startRedis();
    const link = await startLink(url);
    const store = createRedisBudgetStore(link, { prefix });
    const take = (tenant: string) => store.take(tenant, { ...request(), now: Date.now() });
    const index = `${groupKeyOf(prefix, 'ab')}:budgets`;
    const fill = `for i = 1, 400 do
      redis.call('ZADD', KEYS[1], timeOf('') + 100000, 'other' .. i)
    end return {1}`;
    await link.run(scriptOf(fill), [index], []);
    for (const tenant of ['ab one', 'ab two', 'ab three']) await take(tenant);
    expect(await link.run(budgets, [], [])).toHaveLength(3);
    const size = scriptOf("return { redis.call('ZCARD', KEYS[1]) }");
    expect(await link.run(size, [index], [])).toEqual([399]);
  });

  test('with maxmemory and volatile-lru, Redis evicts pages and no budget', async () => {
    const { url } = await startRedis('--maxmemory', '4mb', '--maxmemory-policy', 'volatile-lru');
    const link = await startLink(url);
    const keyspace = { prefix };
    const store = createRedisBudgetStore(link, keyspace);
    const pages = createRedisPages({
      link,
      keyspace,
      localNow: Date.now,
      lifetimeMs: 60_000,
      waitMs: 1000,
    });
    const take = (tenant: string) => store.take(tenant, { ...request(), now: Date.now() });
    const { incarnation } = await take('tenant');
    const requirement = { receivedAfter: Date.now() + 60_000, sentSince: 0 };
    for (let page = 0; page < 300; page += 1) {
      await take(`tenant ${page}`);
      const claim = await pages.claim(`tenant ${page}`, 'all:0', requirement);
      if (claim.kind === 'claim') await claim.put(Buffer.alloc(50_000, 'x'), Date.now());
    }
    const evicted = scriptOf("return { redis.call('INFO', 'stats') }");
    const [stats] = (await link.run(evicted, [], [])) as [Buffer];
    expect(Number(/evicted_keys:(\d+)/.exec(String(stats))?.[1])).toBeGreaterThan(100);
    expect(await link.run(budgets, [], [])).toHaveLength(301);
    expect(await take('tenant')).toMatchObject({ incarnation, isPending: true });
    expect(link.isUp()).toBe(true);
  });

  const damages = {
    'a wrong type': "redis.call('DEL', KEYS[1]) redis.call('SET', KEYS[1], 'x')",
    'no number as its limit': "redis.call('HSET', KEYS[1], 'limit', 'many')",
    'an infinite count': "redis.call('HSET', KEYS[1], 'remaining', 'inf')",
    'no number as its reset': "redis.call('HSET', KEYS[1], 'reset', 'nan')",
    'a reset in more than an hour':
      "redis.call('HSET', KEYS[1], 'reset', redis.call('TIME')[1] * 1000 + 3700000)",
    'no incarnation': "redis.call('HDEL', KEYS[1], 'incarnation')",
  };
  test.for(Object.entries(damages))('a budget with %s counts as lost', async ([, damage]) => {
    const { url } = await startRedis();
    const link = await startLink(url);
    const store = createRedisBudgetStore(link, { prefix });
    const take = () => store.take('tenant', { ...request(), now: Date.now() });
    const { incarnation } = await take();
    const reset = { limit: 50, remaining: 0, resetAtMs: Date.now() + 30_000 };
    await store.update('tenant', { now: Date.now(), ...reset });
    await link.run(scriptOf(`${damage} return {1}`), [`${keyBaseOf(prefix, 'tenant')}:budget`], []);
    const after = await take();
    expect(after).toMatchObject({ isTaken: true, isAssumed: true, limit: 50 });
    expect(after.incarnation).not.toBe(incarnation);
    expect((await take()).isPending).toBe(true);
    expect(link.isUp()).toBe(true);
  });

  test('a pause of more than an hour in Redis is not believed', async () => {
    const { url } = await startRedis();
    const link = await startLink(url);
    const store = createRedisBudgetStore(link, { prefix }, { needsProbe: false });
    const take = () => store.take('tenant', { ...request(), now: Date.now() });
    await take();
    const pause = "redis.call('HSET', KEYS[1], 'paused', 9e14) return {1}";
    await link.run(scriptOf(pause), [`${keyBaseOf(prefix, 'tenant')}:budget`], []);
    expect(await take()).toMatchObject({ isTaken: true, remaining: 48 });
  });
});

let tickets = 0;
const request = () => ({
  assumedLimit: 50,
  reserve: 0,
  ticket: `ticket ${(tickets += 1)}`,
  ticketMs,
});
