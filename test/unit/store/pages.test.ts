import { describe, expect, test } from 'vitest';
import { createRedisPages } from '#src/store/redis/redis-pages.ts';
import type {
  Claim,
  StoredResponse,
  SharedPages,
  ResponseRequirement,
} from '#src/store/shared-pages.ts';
import { prefix, startLink } from '#test/support/store/link.ts';
import {
  hasRedis,
  redisNote,
  type RedisServer,
  startRedis,
} from '#test/support/store/redis-server.ts';

const always = Number.NEGATIVE_INFINITY;
const anything: ResponseRequirement = { receivedAfter: always, sentSince: always };
const bytes = Buffer.from([0, 255, 10, 13, 0, 128]);

interface Replica extends SharedPages {
  readonly now: () => number;
}

/** A replica whose clock goes ahead by so much. */
async function startReplica({ url }: RedisServer, aheadMs = 0): Promise<Replica> {
  const link = await startLink(url);
  const now = () => Date.now() + aheadMs;
  const space = { prefix };
  return {
    now,
    ...createRedisPages({ link, space, localNow: now, lifetimeMs: 60_000, patienceMs: 5000 }),
  };
}

async function claimOf(replica: SharedPages, wish = anything, name = 'all:0'): Promise<Claim> {
  const outcome = await replica.claim('tenant', name, wish);
  if (outcome.kind !== 'claim') throw new Error('There was an answer');
  return outcome;
}

async function keptBy(
  replica: SharedPages,
  wish = anything,
  name = 'all:0',
): Promise<StoredResponse> {
  const outcome = await replica.claim('tenant', name, wish);
  if (outcome.kind !== 'kept') throw new Error('There was no answer');
  return outcome;
}

describe.skipIf(!hasRedis)(`answers shared in Redis${redisNote}`, () => {
  test('of replicas that want the same at once one calls, and the others get its answer, byte for byte', async () => {
    const redis = await startRedis();
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => startReplica(redis)));
    const claim = await claimOf(one!);
    const others = [keptBy(two!), keptBy(three!)];
    const sentAt = one!.now();
    await claim.put(bytes, sentAt);
    for (const kept of await Promise.all(others)) {
      expect(kept.bytes).toEqual(bytes);
      expect(kept.sentAt).toBeLessThanOrEqual(sentAt);
      expect(kept.sentAt).toBeGreaterThan(sentAt - 1000);
    }
  });

  test('the next who want it call anew, unless it came while they were asking', async () => {
    const redis = await startRedis();
    const replica = await startReplica(redis);
    await (await claimOf(replica)).put(bytes, replica.now());
    const before = replica.now() - 60_000;
    expect(await keptBy(replica, { receivedAfter: before, sentSince: always })).toBeTruthy();
    const later = { receivedAfter: replica.now(), sentSince: always };
    await (await claimOf(replica, later)).release();
    const walk = { receivedAfter: before, sentSince: replica.now() + 1 };
    await (await claimOf(replica, walk)).release();
  });

  test.each([
    ['behind', -3_600_000],
    ['ahead', 3_600_000],
  ])('an answer is no younger for a replica whose clock is an hour %s', async (_, aheadMs) => {
    const redis = await startRedis();
    const one = await startReplica(redis);
    const other = await startReplica(redis, aheadMs);
    const sentAt = one.now();
    const claim = await claimOf(one);
    await claim.put(bytes, one.now());
    const { kept } = await other.find('tenant', 'all:0', always);
    const age = other.now() - kept!.sentAt;
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThanOrEqual(one.now() - sentAt + 1000);
    expect(await other.find('tenant', 'all:0', other.now())).toMatchObject({ kept: undefined });
  });

  test('where the caller fails, the next who waits calls', async () => {
    const redis = await startRedis();
    const [one, two] = await Promise.all([startReplica(redis), startReplica(redis)]);
    const claim = await claimOf(one);
    const waiting = claimOf(two);
    await claim.release();
    await (await waiting).release();
  });

  test('where the caller dies, the next who waits calls soon after', async () => {
    const redis = await startRedis();
    const link = await startLink(redis.url);
    const space = { prefix };
    const options = { space, localNow: Date.now, lifetimeMs: 60_000, patienceMs: 5000 };
    let dead = false;
    const run: typeof link.run = (...args) => (dead ? new Promise(() => {}) : link.run(...args));
    await claimOf(createRedisPages({ ...options, link: { run } }));
    dead = true;
    const started = performance.now();
    await (await claimOf(await startReplica(redis))).release();
    expect(performance.now() - started).toBeLessThan(4500);
  });

  test('a call that takes long keeps its claim', async () => {
    const redis = await startRedis();
    const link = await startLink(redis.url);
    let commands = 0;
    const run: typeof link.run = (...args) => {
      commands += 1;
      return link.run(...args);
    };
    const options = { space: { prefix }, localNow: Date.now, lifetimeMs: 60_000, patienceMs: 9000 };
    const claim = await claimOf(createRedisPages({ ...options, link: { run } }));
    const waiting = keptBy(await startReplica(redis));
    // The claim, and renewals for longer than a lease lives.
    await expect.poll(() => commands, { timeout: 10_000 }).toBeGreaterThan(5);
    await claim.put(bytes, Date.now());
    expect((await waiting).bytes).toEqual(bytes);
  });

  test('an older answer never takes the place of a newer one', async () => {
    const redis = await startRedis();
    const replica = await startReplica(redis);
    const never = { receivedAfter: replica.now() + 60_000, sentSince: always };
    const slow = await claimOf(replica, never);
    const sentAt = replica.now();
    await slow.release();
    const fast = await claimOf(replica, never);
    await fast.put(Buffer.from('new'), replica.now() + 100);
    await slow.put(Buffer.from('old'), sentAt);
    expect(String((await keptBy(replica)).bytes)).toBe('new');
  });

  test('what was called for before the key was refused is gone for all, and they are told when', async () => {
    const redis = await startRedis();
    const [one, two] = await Promise.all([startReplica(redis), startReplica(redis, 3_600_000)]);
    const early = await claimOf(one);
    const sentAt = one.now();
    await (await claimOf(one, anything, 'all:90')).put(bytes, sentAt);
    const before = two.now();
    await one.drop('tenant');
    await early.put(bytes, sentAt);
    const found = await two.find('tenant', 'all:90', always);
    expect(found.kept).toBeUndefined();
    expect(found.droppedAt).toBeGreaterThan(before - 1000);
    expect(found.droppedAt).toBeLessThanOrEqual(two.now());
    await (await claimOf(two)).release();
    expect(await two.find('other', 'all:0', always)).toEqual({
      kept: undefined,
      droppedAt: undefined,
    });
  });

  test('an answer too large to share is not, and holds nobody up', async () => {
    const redis = await startRedis();
    const [one, two] = await Promise.all([startReplica(redis), startReplica(redis)]);
    const claim = await claimOf(one);
    await claim.put(Buffer.alloc(2 * 1024 * 1024), one.now());
    await claim.release();
    await (await claimOf(two)).release();
  });

  test('while Redis is away everyone calls, at once', async () => {
    const redis = await startRedis();
    const [one, two] = await Promise.all([startReplica(redis), startReplica(redis)]);
    await redis.stop();
    for (const replica of [one, two]) {
      const claim = await claimOf(replica);
      await claim.put(bytes, replica.now());
      await claim.release();
      await replica.drop('tenant');
      expect(await replica.find('tenant', 'all:0', always)).toEqual({
        kept: undefined,
        droppedAt: undefined,
      });
    }
  });
});
