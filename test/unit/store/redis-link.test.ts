import { describe, expect, test } from 'vitest';
import { replicasKeyOf, scriptOf } from '#src/store/redis/redis-script.ts';
import { prefix, startLink } from '#test/support/store/link.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';

const one = scriptOf('return {1}');

/** The duration of a promise in milliseconds, whatever its outcome. */
async function durationOf(work: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work.catch(() => {});
  return performance.now() - started;
}

test('the start waits about a second at most for a Redis that cannot be reached', async () => {
  const started = performance.now();
  const link = await startLink(new URL('redis://127.0.0.1:1'));
  expect(performance.now() - started).toBeLessThan(2500);
  expect(link.isUp()).toBe(false);
  await expect(link.run(one, [], [])).rejects.toThrow('Redis is not available');
});

describe.skipIf(!hasRedis)(`the link to Redis${redisNote}`, () => {
  test('a script runs, also after a restart of Redis', async () => {
    const redis = await startRedis();
    const link = await startLink(redis.url);
    expect(await link.run(one, [], [])).toEqual([1]);
    await redis.restart();
    await expect.poll(() => link.epoch(), { timeout: 10_000 }).toBe(2);
    expect(await link.run(one, [], [])).toEqual([1]);
  });

  test('a clock key of a wrong type is replaced', async () => {
    const redis = await startRedis();
    const other = await startLink(redis.url);
    const spoil = scriptOf("redis.call('DEL', KEYS[1]) redis.call('SET', KEYS[1], 'x') return {1}");
    await other.run(spoil, [`${prefix}:{all}:clock`], []);
    const link = await startLink(redis.url);
    expect([link.isUp(), link.clockEpoch()]).toEqual([true, expect.stringMatching(/^\d{13}$/)]);
  });

  test('a Redis that stops is detected, and used again when it is back', async () => {
    const redis = await startRedis();
    const link = await startLink(redis.url);
    await redis.stop();
    await expect.poll(() => link.isUp()).toBe(false);
    expect(await durationOf(link.run(one, [], []))).toBeLessThan(200);
    await redis.restart();
    await expect.poll(() => link.isUp(), { timeout: 10_000 }).toBe(true);
    expect(link.changes).toEqual([true, false, true]);
  });

  test('a Redis that hangs delays the first command by a quarter of a second, and no later one', async () => {
    const redis = await startRedis();
    const link = await startLink(redis.url);
    redis.freeze();
    const first = await durationOf(link.run(one, [], []));
    expect(first).toBeGreaterThan(200);
    expect(first).toBeLessThan(2000);
    expect(link.failures()).toBe(1);
    expect(await durationOf(link.run(one, [], []))).toBeLessThan(200);
    expect(link.failures()).toBe(1);
    redis.thaw();
    await expect.poll(() => link.isUp(), { timeout: 10_000 }).toBe(true);
  });

  test.for(['NOAUTH', 'READONLY', 'LOADING', 'OOM', 'MISCONF', 'MOVED', 'CLUSTERDOWN'])(
    'an error reply about the state of Redis (%s) opens the circuit breaker until a probe succeeds',
    async (code) => {
      const redis = await startRedis();
      const link = await startLink(redis.url);
      const reply = scriptOf(`return redis.error_reply('${code} no')`);
      await expect(link.run(reply, [], [])).rejects.toThrow(code);
      expect(link.failures()).toBe(1);
      expect(link.isUp()).toBe(false);
      await expect.poll(() => link.isUp(), { timeout: 10_000 }).toBe(true);
    },
  );

  test.for([
    ['a wrong type', "return redis.call('HGETALL', KEYS[1])"],
    ['no number', "return redis.call('INCR', KEYS[1])"],
    ['a value that a script cannot compare', "return { redis.call('GET', KEYS[1]) < 1 }"],
  ] as const)('an error reply about a key, with %s, fails one command', async ([, lua]) => {
    const redis = await startRedis();
    const link = await startLink(redis.url);
    await link.run(scriptOf("redis.call('SET', KEYS[1], 'text') return {1}"), ['key'], []);
    await expect(link.run(scriptOf(lua), ['key'], [])).rejects.toThrow();
    expect(link.failures()).toBe(1);
    expect(link.isUp()).toBe(true);
    expect(await link.run(one, [], [])).toEqual([1]);
  });

  test('an unknown command opens the circuit breaker', async () => {
    const redis = await startRedis();
    const link = await startLink(redis.url);
    await expect(link.run(scriptOf("return redis.call('NOSUCH')"), [], [])).rejects.toThrow();
    await expect.poll(() => link.isUp(), { timeout: 10_000 }).toBe(true);
  });

  test('a list of replicas of a wrong type is replaced', async () => {
    const redis = await startRedis();
    const first = await startLink(redis.url);
    const damage = scriptOf("redis.call('SET', KEYS[1], 'text') return {1}");
    await first.run(damage, [replicasKeyOf(prefix)], []);
    const second = await startLink(redis.url);
    expect(second.isUp()).toBe(true);
    expect(second.replicas()).toBe(1);
  });

  test('replicas count each other, until one leaves', async () => {
    const redis = await startRedis();
    const first = await startLink(redis.url);
    expect(first.replicas()).toBe(1);
    const second = await startLink(redis.url);
    expect(second.replicas()).toBe(2);
    first.stop();
    const count = scriptOf("return { redis.call('ZCARD', KEYS[1]) }");
    await expect.poll(() => second.run(count, [replicasKeyOf(prefix)], [])).toEqual([1]);
  });
});
