import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSystemClock } from '#src/domain/clock.ts';
import { createTestClock } from '#test/support/clock.ts';
import { hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';
import {
  type Replicas,
  type ReplicasOptions,
  startReplicas,
} from '#test/support/replicas/replicas.ts';

const list = '{ instances { totalCount } }';
const page =
  'query ($after: String) { instances(first: 50, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }';
const noCache = { 'cache-control': 'no-cache' };

async function start(options: Omit<ReplicasOptions, 'redis'> = {}) {
  const redis = await startRedis();
  const clock = createTestClock();
  const replicas = await startReplicas({
    redis: redis.url,
    clocks: [clock],
    sharedNow: clock.now,
    ...options,
  });
  const [one, two, three] = replicas.all;
  return { ...replicas, redis, clock, one: one!, two: two!, three: three! };
}

/** Every replica asked the same at once; how many calls they say they started. */
async function askAll({ all }: Pick<Replicas, 'all'>, query: string): Promise<number> {
  const answers = await Promise.all(all.map((replica) => replica.query(query)));
  for (const { errors } of answers) expect(errors).toBeUndefined();
  return answers.reduce((sum, { extensions }) => sum + (extensions?.enviaai?.calls ?? 0), 0);
}

describe.skipIf(!hasRedis)(`replicas that share a Redis${redisNote}`, () => {
  test('the same question to all of them at once costs one call', async () => {
    const replicas = await start();
    expect(await askAll(replicas, list)).toBe(1);
    expect(replicas.calls()).toHaveLength(1);
    const saved = 'enviaai_upstream_calls_saved_total{by="replica"}';
    const figures = await Promise.all(replicas.all.map((replica) => replica.figure(saved)));
    expect(figures.reduce<number>((sum, figure) => sum + (figure ?? 0), 0)).toBe(2);
  });

  test('what one of them read is fresh for all of them, and for no longer', async () => {
    const { one, two, clock, calls } = await start();
    const first = await one.query(list);
    clock.advance(2000);
    const second = await two.query(list);
    expect(second.extensions?.enviaai).toMatchObject({
      calls: 0,
      asOf: first.extensions?.enviaai?.asOf,
      stale: false,
    });
    clock.advance(1);
    expect((await two.query(list)).extensions?.enviaai).toMatchObject({ calls: 1, stale: false });
    expect((await one.query(list)).extensions?.enviaai).toMatchObject({ calls: 0, stale: false });
    expect(calls()).toHaveLength(2);
  });

  test('lists of one status and single instances are shared as well', async () => {
    const { one, two, calls } = await start({ instances: 300 });
    const both =
      '{ instances(status: CONNECTING) { totalCount } instance(id: "inst_gone") { id } }';
    await one.query(both);
    const before = calls().length;
    const { data, extensions } = await two.query(both);
    expect(data.instance).toBeNull();
    expect(extensions?.enviaai?.calls).toBe(0);
    expect(calls()).toHaveLength(before);
  });

  test('rows by id are found on a page that another replica read', async () => {
    const { one, two, calls } = await start();
    await one.query(list);
    const { data } = await two.query('{ instance(id: "inst_abc123") { name } }');
    expect(data.instance.name).toBe('Sales WhatsApp');
    const narrowed = await two.query('{ instances(status: CONNECTED) { totalCount } }');
    expect(narrowed.extensions?.enviaai?.calls).toBe(0);
    expect(calls()).toHaveLength(1);
  });

  test('an instance that is newer than what another replica read is found', async () => {
    const { one, two, sandbox, calls } = await start();
    await one.query(list);
    sandbox.control.add({ key: 'test', instance: { id: 'inst_new', name: 'New' } });
    const { data } = await two.query('{ instance(id: "inst_new") { name } }');
    expect(data.instance).toEqual({ name: 'New' });
    expect(calls()).toHaveLength(2);
  });

  test('who wants nothing from memory gets nothing from that of others', async () => {
    const { one, two, sandbox } = await start();
    await one.query(list);
    sandbox.control.add({ key: 'test', count: 4 });
    const { data } = await two.query(list, {}, noCache);
    expect(data.instances.totalCount).toBe(7);
  });

  test('where no call can be had, one serves what another read, and says that it is stale', async () => {
    const { one, two, clock, calls } = await start({ ratePerMinute: 1 });
    await one.query(list);
    clock.advance(10_000);
    const { data, extensions } = await two.query(list);
    expect(data.instances.totalCount).toBe(3);
    expect(extensions?.enviaai).toMatchObject({ calls: 0, stale: true });
    expect(calls()).toHaveLength(1);
  });

  test('a key refused to one of them gets nothing old from another', async () => {
    const { one, two, clock, sandbox } = await start();
    await two.query(list);
    clock.advance(3000);
    sandbox.control.fail({ key: 'test', status: 401 });
    expect((await one.query(list)).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    sandbox.control.fail({ key: 'test', status: 503, times: 5 });
    const { data, errors } = await two.query(list);
    expect(data.instances).toBeNull();
    expect(errors?.[0]?.extensions['code']).toBe('UPSTREAM_UNAVAILABLE');
  });

  test('a list is walked from replica to replica, no row missing or twice, for the calls of one', async () => {
    const { all, calls } = await start({ instances: 250 });
    const ids: string[] = [];
    let after: string | null = null;
    for (let turn = 0; ; turn += 1) {
      const { data, errors } = await all[turn % all.length]!.query(page, { after });
      expect(errors).toBeUndefined();
      ids.push(...data.instances.nodes.map(({ id }: { id: string }) => id));
      if (!data.instances.pageInfo.hasNextPage) break;
      after = data.instances.pageInfo.endCursor;
    }
    expect(ids).toHaveLength(250);
    expect(new Set(ids).size).toBe(250);
    expect(calls()).toHaveLength(3);
  });

  test('replicas whose clocks are an hour apart share as any others do', async () => {
    const redis = await startRedis();
    const hour = 3_600_000;
    const clocks = [0, hour, -hour].map((ahead) =>
      createSystemClock({
        wallNow: () => Date.now() + ahead,
        elapsed: () => performance.now(),
      }),
    );
    const env = { FRESH_MS: '30000' };
    const { all, calls } = await startReplicas({
      redis: redis.url,
      clocks,
      env,
      ratePerMinute: 20,
    });
    await all[1]!.query(list);
    expect(await askAll({ all }, list)).toBe(0);
    expect(await askAll({ all }, '{ instances(status: CONNECTING) { totalCount } }')).toBe(1);
    expect(calls()).toHaveLength(2);
    // The budget too: the vendor's 20, none of them twice.
    const one = (id: number) => `{ instance(id: "inst_none_${id}") { id } }`;
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, id) => all[id % 3]!.query(one(id), {}, noCache)),
    );
    expect(answers.filter(({ errors }) => !errors).length).toBeGreaterThan(15);
    expect(calls().length).toBeLessThanOrEqual(20);
  });

  test('Redis holds no key, whatever was asked', async () => {
    const { one, redis } = await start();
    const key = 'sk_live_secret';
    await one.query(list, {}, { authorization: `Bearer ${key}` });
    const client = new Redis(redis.url.href);
    onTestFinished(() => client.disconnect());
    const keys = await client.keys('*');
    expect(keys.length).toBeGreaterThan(2);
    const values = await Promise.all(keys.map((name) => client.dumpBuffer(name)));
    expect(keys.join()).not.toContain(key);
    for (const value of values) expect(value?.includes(key)).toBe(false);
    for (const name of keys) {
      expect(name).toMatch(/^enviaai:3:/);
      // Budgets are deleted by the next take after their time, so that Redis evicts none.
      const isBudget = /:budgets?$/.test(name);
      expect((await client.pttl(name)) > 0).toBe(!isBudget);
    }
  });
});
