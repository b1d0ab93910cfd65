import { describe, expect, test } from 'vitest';
import { createMemoryActionRecords } from '#src/store/memory/memory-action-records.ts';
import { createRedisActionRecords } from '#src/store/redis/redis-action-records.ts';
import { prefix, startLink } from '#test/support/store/link.ts';
import {
  hasRedis,
  redisNote,
  type RedisServer,
  startRedis,
} from '#test/support/store/redis-server.ts';

const options = { lostMs: 3_600_000, signal: new AbortController().signal };

async function startReplica({ url }: RedisServer) {
  const link = await startLink(url);
  const local = createMemoryActionRecords(() => 0);
  const records = createRedisActionRecords({ link, keyspace: { prefix }, local });
  const begin = async () => {
    const record = await records.begin('tenant', 'create:key', options);
    if (record.kind !== 'begun') throw new Error(`The action is ${record.kind}`);
    return record;
  };
  return { link, records, begin };
}

const isUp = ({ link }: Awaited<ReturnType<typeof startReplica>>) =>
  expect.poll(() => link.isUp(), { timeout: 10_000 });

describe.skipIf(!hasRedis)(`actions recorded in Redis${redisNote}`, () => {
  test('an action that began and finished while Redis was away has finished when it is back', async () => {
    const redis = await startRedis();
    const replica = await startReplica(redis);
    await redis.stop();
    const record = await replica.begin();
    await record.finish('done', 60_000);
    await redis.restart();
    await isUp(replica).toBe(true);
    const again = await replica.records.begin('tenant', 'create:key', options);
    expect(again).toMatchObject({ kind: 'finished', outcome: 'done' });
  });

  test('an action that Redis was lost during has finished when it is back', async () => {
    const redis = await startRedis();
    const replica = await startReplica(redis);
    const record = await replica.begin();
    redis.freeze();
    await record.finish('done', 60_000);
    redis.thaw();
    await isUp(replica).toBe(true);
    const again = await replica.records.begin('tenant', 'create:key', options);
    expect(again).toMatchObject({ kind: 'finished', outcome: 'done' });
  });

  test('an action in flight at another replica does not begin again when Redis goes away', async () => {
    const redis = await startRedis();
    const [one, two] = [await startReplica(redis), await startReplica(redis)];
    await one.begin();
    const waiting = two.records.begin('tenant', 'create:key', options);
    // The reply to a later command: by now, the one that waits knows why.
    await two.records.forget('tenant', 'other');
    await redis.stop();
    expect(await waiting).toEqual({ kind: 'lost' });
  });
});
