import { describe, expect, test } from 'vitest';
import { createRedisPages } from '#src/store/redis/redis-pages.ts';
import { prefix, startLink } from '#test/support/store/link.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';
import {
  always,
  anything,
  bytes,
  claimOf,
  responseOf,
  startReplica,
} from '#test/support/store/page-replica.ts';

describe.skipIf(!hasRedis)(`responses shared in Redis${redisNote}`, () => {
  test('one of several replicas makes a call, and the others get its response, byte for byte', async () => {
    const redis = await startRedis();
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => startReplica(redis)));
    const claim = await claimOf(one!);
    const others = [responseOf(two!), responseOf(three!)];
    const sentAt = one!.now();
    await claim.put(bytes, sentAt);
    for (const response of await Promise.all(others)) {
      expect(response.bytes).toEqual(bytes);
      expect(response.sentAt).toBeLessThanOrEqual(sentAt);
      expect(response.sentAt).toBeGreaterThan(sentAt - 1000);
    }
  });

  test('a response that is older than required is not used', async () => {
    const redis = await startRedis();
    const replica = await startReplica(redis);
    await (await claimOf(replica)).put(bytes, replica.now());
    const before = replica.now() - 60_000;
    expect(await responseOf(replica, { receivedAfter: before, sentSince: always })).toBeTruthy();
    const later = { receivedAfter: replica.now(), sentSince: always };
    await (await claimOf(replica, later)).release();
    const walk = { receivedAfter: before, sentSince: replica.now() + 1 };
    await (await claimOf(replica, walk)).release();
  });

  test.each([
    ['behind', -3_600_000],
    ['ahead', 3_600_000],
  ])('a response is not younger for a replica whose clock is an hour %s', async (_, aheadMs) => {
    const redis = await startRedis();
    const one = await startReplica(redis);
    const other = await startReplica(redis, aheadMs);
    const sentAt = one.now();
    const claim = await claimOf(one);
    await claim.put(bytes, one.now());
    const { response } = await other.find('tenant', 'all:0', always);
    const age = other.now() - response!.sentAt;
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThanOrEqual(one.now() - sentAt + 1000);
    expect(await other.find('tenant', 'all:0', other.now())).toMatchObject({ response: undefined });
  });

  test('if a call fails, a waiting replica makes it', async () => {
    const redis = await startRedis();
    const [one, two] = await Promise.all([startReplica(redis), startReplica(redis)]);
    const claim = await claimOf(one);
    const waiting = claimOf(two);
    await claim.release();
    await (await waiting).release();
  });

  test('if a replica dies during its call, a waiting replica makes it soon after', async () => {
    const redis = await startRedis();
    const link = await startLink(redis.url);
    const keyspace = { prefix };
    const options = { keyspace, localNow: Date.now, lifetimeMs: 60_000, waitMs: 5000 };
    let dead = false;
    const run: typeof link.run = (...args) => (dead ? new Promise(() => {}) : link.run(...args));
    await claimOf(createRedisPages({ ...options, link: { ...link, run } }));
    dead = true;
    const started = performance.now();
    await (await claimOf(await startReplica(redis))).release();
    expect(performance.now() - started).toBeLessThan(4500);
  });

  test('the claim of a slow call does not expire', async () => {
    const redis = await startRedis();
    const link = await startLink(redis.url);
    let commands = 0;
    const run: typeof link.run = (...args) => {
      commands += 1;
      return link.run(...args);
    };
    const options = { keyspace: { prefix }, localNow: Date.now, lifetimeMs: 60_000, waitMs: 9000 };
    const claim = await claimOf(createRedisPages({ ...options, link: { ...link, run } }));
    const waiting = responseOf(await startReplica(redis));
    // The claim, and renewals for longer than the time to live of a lease.
    await expect.poll(() => commands, { timeout: 10_000 }).toBeGreaterThan(5);
    await claim.put(bytes, Date.now());
    expect((await waiting).bytes).toEqual(bytes);
  });

  test('an older response never replaces a newer one', async () => {
    const redis = await startRedis();
    const replica = await startReplica(redis);
    const unmet = { receivedAfter: replica.now() + 60_000, sentSince: always };
    const slow = await claimOf(replica, unmet);
    const sentAt = replica.now();
    await slow.release();
    const fast = await claimOf(replica, unmet);
    await fast.put(Buffer.from('new'), replica.now() + 100);
    await slow.put(Buffer.from('old'), sentAt);
    expect(String((await responseOf(replica)).bytes)).toBe('new');
  });

  test('responses from before a refusal of the key are deleted for all replicas, which learn the time', async () => {
    const redis = await startRedis();
    const [one, two] = await Promise.all([startReplica(redis), startReplica(redis, 3_600_000)]);
    const early = await claimOf(one);
    const sentAt = one.now();
    await (await claimOf(one, anything, 'all:90')).put(bytes, sentAt);
    const before = two.now();
    await one.drop('tenant');
    await early.put(bytes, sentAt);
    const found = await two.find('tenant', 'all:90', always);
    expect(found.response).toBeUndefined();
    expect(found.droppedAt).toBeGreaterThan(before - 1000);
    expect(found.droppedAt).toBeLessThanOrEqual(two.now());
    await (await claimOf(two)).release();
    expect(await two.find('other', 'all:0', always)).toEqual({
      response: undefined,
      droppedAt: undefined,
    });
  });

  test('a response that is too large is not shared, and delays no replica', async () => {
    const redis = await startRedis();
    const [one, two] = await Promise.all([startReplica(redis), startReplica(redis)]);
    const claim = await claimOf(one);
    await claim.put(Buffer.alloc(2 * 1024 * 1024), one.now());
    await claim.release();
    await (await claimOf(two)).release();
  });

  test('without Redis every replica calls at once', async () => {
    const redis = await startRedis();
    const [one, two] = await Promise.all([startReplica(redis), startReplica(redis)]);
    await redis.stop();
    for (const replica of [one, two]) {
      const claim = await claimOf(replica);
      await claim.put(bytes, replica.now());
      await claim.release();
      await replica.drop('tenant');
      expect(await replica.find('tenant', 'all:0', always)).toEqual({
        response: undefined,
        droppedAt: undefined,
      });
    }
  });
});
