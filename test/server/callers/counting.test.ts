import { expect, onTestFinished, test, vi } from 'vitest';
import { createCallerLimit } from '#src/store/caller-limit.ts';
import { createRedisLink } from '#src/store/redis/redis-link.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';

/** How many of so many operations are let through. */
async function passed(limit: ReturnType<typeof createCallerLimit>, caller: string, many: number) {
  const counted = Array.from({ length: many }, () => limit.count(caller));
  const outcomes = await Promise.allSettled(counted);
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

test('a caller may use the whole minute at once, and the next minute again', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const limit = createCallerLimit({ perMinute: 300 });
  expect(await passed(limit, 'a', 400)).toBe(300);

  vi.setSystemTime(Date.now() + 59_000);
  await expect(limit.count('a')).rejects.toMatchObject({ kind: 'too-many', retryAfterMs: 1000 });
  vi.setSystemTime(Date.now() + 1000);
  expect(await passed(limit, 'a', 1)).toBe(1);
});

test('any number of strangers takes no more memory than some thousands', async () => {
  const limit = createCallerLimit({ perMinute: 1 });
  await limit.count('first');
  for (let index = 0; index < 20_000; index += 1) await limit.count(`stranger ${index}`);
  // The one that asked least lately was forgotten, the others were not.
  expect(await passed(limit, 'first', 1)).toBe(1);
  expect(await passed(limit, 'stranger 19999', 1)).toBe(0);
});

/** A replica's limit of ten, over a Redis. */
async function startReplica(url: URL) {
  const link = createRedisLink({
    url,
    prefix: 'test',
    onStateChange: () => {},
    onCommandFailure: () => {},
  });
  onTestFinished(link.stop);
  await link.start();
  return createCallerLimit({ perMinute: 10, redis: { link, prefix: 'test' } });
}

test.runIf(hasRedis)(`replicas count a caller together${redisNote}`, async () => {
  const redis = await startRedis();
  const one = await startReplica(redis.url);
  const other = await startReplica(redis.url);
  const counts = await Promise.all([passed(one, 'a', 8), passed(other, 'a', 8)]);
  expect(counts[0] + counts[1]).toBe(10);
  await expect(other.count('a')).rejects.toMatchObject({
    kind: 'too-many',
    retryAfterMs: expect.closeTo(59_000, -4) as unknown,
  });
  expect(await passed(other, 'b', 1)).toBe(1);
});

test.runIf(hasRedis)(`without its Redis each replica counts by itself${redisNote}`, async () => {
  const redis = await startRedis();
  const limit = await startReplica(redis.url);
  expect(await passed(limit, 'a', 3)).toBe(3);
  await redis.stop();
  expect(await passed(limit, 'a', 20)).toBe(10);
});

test.runIf(hasRedis)(`a Redis that hangs stops nobody${redisNote}`, async () => {
  const redis = await startRedis();
  const limit = await startReplica(redis.url);
  redis.freeze();
  onTestFinished(() => redis.thaw());
  expect(await passed(limit, 'a', 20)).toBe(10);
});
