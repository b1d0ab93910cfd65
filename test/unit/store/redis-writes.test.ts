import { describe, expect, onTestFinished, test } from 'vitest';
import { createRedisSubscriber } from '#src/store/redis/redis-subscriber.ts';
import { createRedisWrites } from '#src/store/redis/redis-writes.ts';
import type { SharedWrite } from '#src/store/shared-writes.ts';
import { prefix, startLink } from '#test/support/store/link.ts';
import {
  hasRedis,
  redisNote,
  type RedisServer,
  startRedis,
} from '#test/support/store/redis-server.ts';

interface ReplicaOptions {
  readonly now?: () => number;
  /** Whether messages arrive; else writes are found only by a lookup. */
  readonly isSubscribed?: boolean;
}

async function startReplica({ url }: RedisServer, options: ReplicaOptions = {}) {
  const { now = Date.now, isSubscribed = true } = options;
  const received: (SharedWrite & { readonly tenant: string })[] = [];
  const writes = createRedisWrites({
    link: await startLink(url),
    keyspace: { prefix, now },
    lifetimeMs: 60_000,
    createSubscriber: (subscription) => createRedisSubscriber({ url, ...subscription }),
  });
  onTestFinished(writes.stop);
  writes.subscribe((tenant, write) => received.push({ tenant, ...write }));
  if (isSubscribed) writes.start();
  return { writes, received };
}

describe.skipIf(!hasRedis)(`writes shared in Redis${redisNote}`, () => {
  test('a write reaches every other replica, with its text as it is, and no replica twice', async () => {
    const redis = await startRedis();
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => startReplica(redis)));
    if (!one || !two || !three) throw new Error('No replicas');
    const text = '{"name":"Ã  b  c\\n"}';
    let published = 0;
    // The subscriptions begin in their own time, so the first write is repeated until it arrives.
    await expect
      .poll(async () => {
        published += 1;
        await one.writes.publish('tenant', text);
        return [two.received.length > 0, three.received.length > 0];
      })
      .toEqual([true, true]);
    expect(two.received[0]).toEqual({ tenant: 'tenant', text, ageMs: 0 });
    expect(one.received).toEqual([]);
    expect(await one.writes.missed('tenant')).toEqual([]);
    // What came before the subscription is missed once; what came as a message is not.
    const missed = await two.writes.missed('tenant');
    expect(two.received.length + missed.length).toBe(published);
    expect(await two.writes.missed('tenant')).toEqual([]);
  });

  test('a write whose message was lost is found by a lookup, once, with its age', async () => {
    let now = Date.now();
    const redis = await startRedis();
    const one = await startReplica(redis, { now: () => now });
    const two = await startReplica(redis, { now: () => now, isSubscribed: false });
    await one.writes.publish('tenant', 'first');
    now += 700;
    await one.writes.publish('tenant', 'second');
    await one.writes.publish('other', 'not for this tenant');
    now += 300;
    expect(await two.writes.missed('tenant')).toEqual([
      { text: 'first', ageMs: 1000 },
      { text: 'second', ageMs: 300 },
    ]);
    expect(await two.writes.missed('tenant')).toEqual([]);
    expect(two.received).toEqual([]);
  });

  test('without Redis, nothing fails and nothing is missed', async () => {
    const redis = await startRedis();
    const { writes } = await startReplica(redis);
    await redis.stop();
    await writes.publish('tenant', 'text');
    expect(await writes.missed('tenant')).toEqual([]);
  });

  test('a subscription is renewed after Redis was away', async () => {
    const redis = await startRedis();
    const [one, two] = [await startReplica(redis), await startReplica(redis)];
    await redis.restart();
    await expect
      .poll(
        async () => {
          await one.writes.publish('tenant', 'text');
          return two.received.length > 0;
        },
        { timeout: 10_000 },
      )
      .toBe(true);
  });
});
