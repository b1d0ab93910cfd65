import { describe, expect, test } from 'vitest';
import { createMemoryActionRecords } from '#src/store/memory/memory-action-records.ts';
import { createRedisActionRecords } from '#src/store/redis/redis-action-records.ts';
import { keyBaseOf, scriptOf } from '#src/store/redis/redis-script.ts';
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
  const look = () => records.begin('tenant', 'create:key', options);
  return { link, records, begin, look };
}

/** Looks for the outcome of an action that is in flight. */
async function startLook({ records, look }: Awaited<ReturnType<typeof startReplica>>) {
  const outcome = look();
  // The reply to a later command: by now, the look has its first reply.
  await records.forget('tenant', 'other');
  return { outcome };
}

/** Deletes what a process that is too busy does not renew. */
const expire = ({ link }: Awaited<ReturnType<typeof startReplica>>) => {
  const record = `${keyBaseOf(prefix, 'tenant')}:action:create:key`;
  const script = scriptOf("redis.call('DEL', KEYS[1], KEYS[2]) return { 1 }");
  return link.run(script, [record, `${record}:lease`], []);
};

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
    const waiting = await startLook(two);
    await redis.stop();
    expect(await waiting.outcome).toEqual({ kind: 'lost' });
  });
  describe('an action that another replica has begun again', () => {
    test.each(['finish', 'undo'] as const)('stays in flight after %s of the first', async (end) => {
      const redis = await startRedis();
      const [one, two] = [await startReplica(redis), await startReplica(redis)];
      const first = await one.begin();
      await expire(one);
      const second = await two.begin();
      await (end === 'finish' ? first.finish('first', 60_000) : first.undo());
      const waiting = await startLook(one);
      await second.finish('second', 60_000);
      expect(await waiting.outcome).toMatchObject({ kind: 'finished', outcome: 'second' });
    });

    test.each(['finish', 'undo'] as const)('stays finished after %s of the first', async (end) => {
      const redis = await startRedis();
      const [one, two] = [await startReplica(redis), await startReplica(redis)];
      const first = await one.begin();
      await expire(one);
      await (await two.begin()).finish('second', 60_000);
      await (end === 'finish' ? first.finish('first', 60_000) : first.undo());
      expect(await two.look()).toMatchObject({ kind: 'finished', outcome: 'second' });
    });
  });

  test('an action whose lease has expired is finished by its process if no other began it', async () => {
    const redis = await startRedis();
    const [one, two] = [await startReplica(redis), await startReplica(redis)];
    const first = await one.begin();
    await expire(one);
    await first.finish('first', 60_000);
    expect(await two.look()).toMatchObject({ kind: 'finished', outcome: 'first' });
  });

  test('to forget an action does not end the one in flight', async () => {
    const redis = await startRedis();
    const [one, two] = [await startReplica(redis), await startReplica(redis)];
    const first = await one.begin();
    await two.records.forget('tenant', 'create:key');
    const waiting = await startLook(two);
    await first.finish('first', 60_000);
    expect(await waiting.outcome).toMatchObject({ kind: 'finished', outcome: 'first' });
    await two.records.forget('tenant', 'create:key');
    expect(await one.look()).toMatchObject({ kind: 'begun' });
  });
});
