import { describe, expect, test } from 'vitest';
import { createRedisPages } from '#src/store/redis/redis-pages.ts';
import { keyBaseOf, scriptOf } from '#src/store/redis/redis-script.ts';
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

/** A replica whose clock is ahead by `aheadMs`. */
async function startReplica({ url }: RedisServer, aheadMs = 0): Promise<Replica> {
  const link = await startLink(url);
  const now = () => Date.now() + aheadMs;
  const keyspace = { prefix };
  return {
    now,
    ...createRedisPages({ link, keyspace, localNow: now, lifetimeMs: 60_000, waitMs: 5000 }),
  };
}

async function claimOf(
  replica: SharedPages,
  requirement = anything,
  name = 'all:0',
): Promise<Claim> {
  const outcome = await replica.claim('tenant', name, requirement);
  if (outcome.kind !== 'claim') throw new Error('There was a response');
  return outcome;
}

async function responseOf(
  replica: SharedPages,
  requirement = anything,
  name = 'all:0',
): Promise<StoredResponse> {
  const outcome = await replica.claim('tenant', name, requirement);
  if (outcome.kind !== 'response') throw new Error('There was no response');
  return outcome;
}

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

  describe('if the clock of Redis is set back by an hour', () => {
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
