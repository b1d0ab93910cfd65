import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runClock } from '#test/support/budget/run-clock.ts';
import { createTestClock } from '#test/support/clock.ts';
import { type Replica, startReplicas } from '#test/support/replicas/replicas.ts';
import type { Answer } from '#test/support/start.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';

const key = 'test';
const latencyMs = 300;

let ids = 0;
/**
 * Reads of ids that are not cached, each at one of the replicas. In so large an account, each costs
 * one call.
 */
const readNewIds = (all: readonly Replica[], count: number): Promise<Answer[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      all[index % all.length]!.query(`{ instance(id: "inst_unknown${(ids += 1)}") { id } }`),
    ),
  );
const served = (answers: readonly Answer[]) =>
  answers.filter(({ errors }) => errors === undefined).length;

async function start() {
  const redis = await startRedis();
  const clock = createTestClock();
  const replicas = await startReplicas({
    redis: redis.url,
    clocks: [clock],
    sharedNow: clock.now,
    instances: 1000,
  });
  const client = new Redis(redis.url.href, { retryStrategy: () => null });
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  replicas.sandbox.control.fail({ key, delayMs: latencyMs, times: 1000 });
  return { ...replicas, redis, clock, client };
}

const budgetKeys = async (client: Redis) => client.keys('*:budget');

type Loss = (client: Redis) => Promise<unknown>;
const losses: readonly (readonly [string, Loss])[] = [
  ['deleted', async (client) => client.del(...(await budgetKeys(client)))],
  ['flushed', (client) => client.flushall()],
  [
    'replaced by a value of another type',
    async (client) => {
      for (const name of await budgetKeys(client)) await client.set(name, 'text');
    },
  ],
  [
    'overwritten with a full one',
    async (client) => {
      for (const name of await budgetKeys(client)) {
        await client.hset(name, 'limit', 50, 'remaining', 50, 'incarnation', 7);
      }
    },
  ],
];

describe.skipIf(!hasRedis)(`a budget that Redis loses${redisNote}`, () => {
  test.for(losses)(
    'a budget that is %s in mid-window costs one refused call at most, and all that is left is served',
    async ([, lose]) => {
      const { all, client, calls, refusals } = await start();
      expect(served(await readNewIds(all, 30))).toBe(30);
      await lose(client);
      const after = served(await readNewIds(all, 60));
      expect(await refusals()).toBeLessThanOrEqual(1);
      expect(calls().length).toBeLessThanOrEqual(51);
      expect(after).toBeGreaterThanOrEqual(19);
    },
  );

  test.for(losses)(
    'a budget that is %s while calls are in flight costs one refused call at most',
    async ([, lose]) => {
      const { all, client, calls, refusals } = await start();
      expect(served(await readNewIds(all, 12))).toBe(12);
      const inFlight = readNewIds(all, 24);
      await expect.poll(() => calls().length).toBe(36);
      await lose(client);
      const after = await readNewIds(all, 60);
      expect(served(await inFlight)).toBe(24);
      expect(await refusals()).toBeLessThanOrEqual(1);
      expect(served(after)).toBeLessThanOrEqual(14);
      expect(served(after)).toBeGreaterThanOrEqual(5);
    },
  );

  test('a budget that is lost when all is spent costs one refused call at most', async () => {
    const { all, client, refusals } = await start();
    expect(served(await readNewIds(all, 60))).toBe(50);
    await client.flushall();
    expect(served(await readNewIds(all, 60))).toBe(0);
    expect(await refusals()).toBeLessThanOrEqual(1);
  });

  test('Redis stops in mid-window: three replicas cause three refused calls at most, and serve the rest', async () => {
    const { all, redis, refusals } = await start();
    expect(served(await readNewIds(all, 20))).toBe(20);
    await redis.stop();
    const after = served(await readNewIds(all, 90));
    expect(await refusals()).toBeLessThanOrEqual(3);
    expect(after).toBeGreaterThanOrEqual(20);
    expect(after).toBeLessThanOrEqual(30);
  });

  test('Redis stops when all is spent: three replicas cause three refused calls at most', async () => {
    const { all, redis, refusals } = await start();
    expect(served(await readNewIds(all, 60))).toBe(50);
    await redis.stop();
    expect(served(await readNewIds(all, 90))).toBe(0);
    expect(await refusals()).toBeLessThanOrEqual(3);
  });

  test('Redis stops while calls are in flight, and comes back empty: three refused calls at most', async () => {
    const { all, redis, calls, refusals } = await start();
    expect(served(await readNewIds(all, 9))).toBe(9);
    const inFlight = readNewIds(all, 15);
    await expect.poll(() => calls().length).toBe(24);
    await redis.restart();
    await readNewIds(all, 30);
    await inFlight;
    for (const replica of all) {
      await expect
        .poll(async () => (await replica.readiness()).store, { timeout: 20_000 })
        .toBe('redis');
    }
    await readNewIds(all, 60);
    expect(await refusals()).toBeLessThanOrEqual(3);
  });

  test('three replicas at the turn of a window: EnviaAI refuses none', async () => {
    const { all, clock, refusals, calls } = await start();
    expect(served(await readNewIds(all, 3))).toBe(3);
    for (let window = 1; window <= 2; window += 1) {
      clock.advance(59_900);
      const sent = calls().length;
      const before = readNewIds(all, 15);
      await expect.poll(() => calls().length).toBe(sent + 15);
      clock.advance(160);
      const stop = runClock(clock);
      const after = served(await readNewIds(all, 90));
      expect(served(await before)).toBe(15);
      expect(after + served(await readNewIds(all, 90))).toBe(50);
      expect(await refusals()).toBe(0);
      stop();
      clock.advance(62_000);
      expect(served(await readNewIds(all, 3))).toBe(3);
    }
  });

  test('a pause and a reset in the far future, written in Redis, stop nobody', async () => {
    const { all, client, clock } = await start();
    expect(served(await readNewIds(all, 3))).toBe(3);
    for (const name of await budgetKeys(client)) {
      await client.hset(name, 'paused', clock.now() + 86_400_000);
    }
    expect(served(await readNewIds(all, 3))).toBe(3);
    for (const name of await budgetKeys(client)) {
      await client.hset(name, 'reset', clock.now() + 86_400_000, 'remaining', 0);
    }
    expect(served(await readNewIds(all, 3))).toBe(3);
  });

  test('keys of a wrong type, whichever, cost no tenant its Redis', async () => {
    const { all, client } = await start();
    await readNewIds(all, 3);
    await all[0]!.query('{ instances { totalCount } }');
    for (const name of await client.keys('*')) {
      const type = await client.type(name);
      await client.del(name);
      if (type === 'string') await client.lpush(name, 'text');
      else await client.set(name, 'text');
    }
    expect(served(await readNewIds(all, 6))).toBe(6);
    for (const replica of all) {
      expect((await replica.query('{ instances { totalCount } }')).errors).toBeUndefined();
      expect(await replica.readiness()).toMatchObject({ store: 'redis' });
    }
  });
});
