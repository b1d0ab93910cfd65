import { describe, expect, test } from 'vitest';
import { createRedisPages } from '#src/store/redis/redis-pages.ts';
import { keyBaseOf, scriptOf } from '#src/store/redis/redis-script.ts';
import { prefix, startLink } from '#test/support/store/link.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';
import { always, bytes, claimOf } from '#test/support/store/page-replica.ts';

describe.skipIf(!hasRedis)(`if the clock of Redis is set back by an hour${redisNote}`, () => {
  const hour = 3_600_000;

  /** A replica, with a clock of Redis that the test sets. */
  async function startWithClock() {
    const redis = await startRedis();
    let redisNow = 1_800_000_000_000;
    let localNow = 0;
    const now = () => redisNow;
    const link = await startLink(redis.url, now);
    const options = { link, keyspace: { prefix, now }, lifetimeMs: 60_000, waitMs: 500 };
    return {
      link,
      pages: createRedisPages({ ...options, localNow: () => localNow }),
      localNow: () => localNow,
      pass: (ms: number) => {
        redisNow += ms;
        localNow += ms;
      },
      setBack: (ms: number) => void (redisNow -= ms),
    };
  }

  test('a response from tomorrow is a miss, and the next one replaces it', async () => {
    const { pages, pass, setBack, localNow } = await startWithClock();
    await (await claimOf(pages)).put(bytes, localNow());
    pass(1000);
    setBack(hour);
    expect((await pages.find('tenant', 'all:0', always)).response).toBeUndefined();
    const claim = await claimOf(pages);
    await claim.put(Buffer.from('new'), localNow());
    pass(10);
    const { response } = await pages.find('tenant', 'all:0', always);
    expect([String(response?.bytes), response?.sentAt]).toEqual(['new', localNow() - 10]);
  });

  test('during a call, its response is no younger for that', async () => {
    const { pages, pass, setBack, localNow } = await startWithClock();
    const claim = await claimOf(pages);
    const sentAt = localNow();
    pass(300);
    setBack(hour);
    await claim.put(bytes, sentAt);
    pass(10);
    expect((await pages.find('tenant', 'all:0', always)).response?.sentAt).toBe(sentAt);
  });

  test('an hour later a response from before does not seem young', async () => {
    const { link, pages, pass, setBack, localNow } = await startWithClock();
    await (await claimOf(pages)).put(bytes, localNow());
    const epoch = link.clockEpoch();
    setBack(hour);
    await link.beat();
    expect(link.clockEpoch()).not.toBe(epoch);
    pass(hour);
    expect((await pages.find('tenant', 'all:0', always)).response).toBeUndefined();
    await (await claimOf(pages)).release();
  });

  test('a refusal of the key from before counts as of now, and hides no later response', async () => {
    const { pages, pass, setBack, localNow } = await startWithClock();
    await pages.drop('tenant');
    pass(1000);
    setBack(hour);
    expect((await pages.find('tenant', 'all:0', always)).droppedAt).toBe(localNow());
    pass(1000);
    await (await claimOf(pages)).put(bytes, localNow());
    expect((await pages.find('tenant', 'all:0', always)).response?.bytes).toEqual(bytes);
  });

  test('a page can be called for, whatever lease is left', async () => {
    const { link, pages } = await startWithClock();
    const lease = `${keyBaseOf(prefix, 'tenant')}:call:all:0`;
    const script = scriptOf("redis.call('SET', KEYS[1], 'dead', 'PX', 3600000) return {1}");
    await link.run(script, [lease], []);
    const started = performance.now();
    await (await claimOf(pages)).release();
    expect(performance.now() - started).toBeLessThan(400);
  });
});
