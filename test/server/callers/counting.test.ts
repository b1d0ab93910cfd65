import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#src/domain/clock.ts';
import { createCallerLimit } from '#src/store/caller-limit.ts';
import { createRedisLink } from '#src/store/redis/redis-link.ts';
import { createTestClock } from '#test/support/clock.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';

/** How many of `count` operations the limit allows. */
async function allowed(limit: ReturnType<typeof createCallerLimit>, caller: string, count: number) {
  const counted = Array.from({ length: count }, () => limit.count(caller));
  const outcomes = await Promise.allSettled(counted);
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

test('a caller may use the limit of a minute at once, and again in the next minute', async () => {
  const clock = createTestClock();
  const limit = createCallerLimit({ perMinute: 300, now: clock.now });
  expect(await allowed(limit, 'a', 400)).toBe(300);

  clock.advance(59_000);
  await expect(limit.count('a')).rejects.toMatchObject({ kind: 'too-many', retryAfterMs: 1000 });
  clock.advance(1000);
  expect(await allowed(limit, 'a', 1)).toBe(1);
});

test('the number of callers in memory is bounded', async () => {
  const limit = createCallerLimit({ perMinute: 1, now: createTestClock().now });
  await limit.count('first');
  for (let index = 0; index < 20_000; index += 1) await limit.count(`stranger ${index}`);
  // The least recently seen caller was evicted; the last one was not.
  expect(await allowed(limit, 'first', 1)).toBe(1);
  expect(await allowed(limit, 'stranger 19999', 1)).toBe(0);
});

/** The limit of a replica with this Redis: ten operations a minute. */
async function startReplica(url: URL) {
  const link = createRedisLink({
    url,
    prefix: 'test',
    onStateChange: () => {},
    onCommandFailure: () => {},
  });
  onTestFinished(link.stop);
  await link.start();
  return createCallerLimit({
    perMinute: 10,
    now: systemClock.now,
    redis: { link, prefix: 'test' },
  });
}

test.runIf(hasRedis)(`replicas share the count of a caller${redisNote}`, async () => {
  const redis = await startRedis();
  const one = await startReplica(redis.url);
  const other = await startReplica(redis.url);
  const counts = await Promise.all([allowed(one, 'a', 8), allowed(other, 'a', 8)]);
  expect(counts[0] + counts[1]).toBe(10);
  await expect(other.count('a')).rejects.toMatchObject({
    kind: 'too-many',
    retryAfterMs: expect.closeTo(59_000, -4) as unknown,
  });
  expect(await allowed(other, 'b', 1)).toBe(1);
});

test.runIf(hasRedis)(
  `while Redis is down, each replica counts for itself${redisNote}`,
  async () => {
    const redis = await startRedis();
    const limit = await startReplica(redis.url);
    expect(await allowed(limit, 'a', 3)).toBe(3);
    await redis.stop();
    expect(await allowed(limit, 'a', 20)).toBe(10);
  },
);

test.runIf(hasRedis)(
  `a Redis that does not respond does not block callers${redisNote}`,
  async () => {
    const redis = await startRedis();
    const limit = await startReplica(redis.url);
    redis.freeze();
    onTestFinished(() => redis.thaw());
    expect(await allowed(limit, 'a', 20)).toBe(10);
  },
);
