import { readFile } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#src/domain/clock.ts';
import { createCallerLimit } from '#src/store/caller-limit.ts';
import { createRedisBudgetStore } from '#src/store/redis/redis-budget.ts';
import { createRedisLink } from '#src/store/redis/redis-link.ts';
import { createRedisSubscriber } from '#src/store/redis/redis-subscriber.ts';
import {
  type Replica,
  type ReplicasOptions,
  startReplicas,
} from '#test/support/replicas/replicas.ts';
import { createTestClock } from '#test/support/clock.ts';
import type { Answer } from '#test/support/start.ts';
import {
  type ClusterOptions,
  type RedisCluster,
  startRedisCluster,
} from '#test/support/store/redis-cluster.ts';
import { hasRedis, redisNote } from '#test/support/store/redis-server.ts';

const list = '{ instances { totalCount } }';
const noCache = { 'cache-control': 'no-cache' };
const headersOf = (apiKey: string) => ({ authorization: `Bearer ${apiKey}` });

type StartOptions = Partial<Omit<ReplicasOptions, 'redis'>> & { readonly cluster?: ClusterOptions };

async function start({ cluster: clusterOptions, env, ...options }: StartOptions = {}) {
  const cluster = await startRedisCluster(clusterOptions);
  const replicas = await startReplicas({
    redis: cluster.address.url,
    count: 2,
    env: { ...cluster.env, ...env },
    ...options,
  });
  const [one, two] = replicas.all;
  if (!one || !two) throw new Error('There are two replicas');
  await expectStore(replicas.all, 'redis');
  return { ...replicas, cluster, one, two };
}

const expectStore = async (all: readonly Replica[], store: string) => {
  for (const replica of all) {
    await expect.poll(() => replica.readiness(), { timeout: 20_000 }).toMatchObject({ store });
  }
};

let ids = 0;
/** Reads of ids that are not cached, each at one of the replicas: each costs one call. */
const readNewIds = (all: readonly Replica[], apiKey: string, count: number): Promise<Answer[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      all[index % all.length]!.query(
        `{ instance(id: "inst_unknown${(ids += 1)}") { id } }`,
        {},
        headersOf(apiKey),
      ),
    ),
  );
const errorsOf = (answers: readonly Answer[]) => answers.flatMap(({ errors }) => errors ?? []);
const keysOf = ({ owners }: RedisCluster) => owners.map(({ apiKey }) => apiKey);

describe.skipIf(!hasRedis)(`replicas that share a Redis Cluster${redisNote}`, () => {
  test('keys on every node share pages and one budget each, also after SCRIPT FLUSH', async () => {
    const { one, two, calls, refusals, cluster } = await start({ ratePerMinute: 4 });
    for (const apiKey of keysOf(cluster)) {
      await one.query(list, {}, headersOf(apiKey));
      const shared = await two.query(list, {}, headersOf(apiKey));
      expect(shared.extensions?.enviaai).toMatchObject({ calls: 0, remaining: 3 });
      for (let round = 0; round < 3; round += 1) {
        await one.query(list, {}, { ...headersOf(apiKey), ...noCache });
        await cluster.onAll((redis) => redis.script('FLUSH'));
        await two.query(list, {}, { ...headersOf(apiKey), ...noCache });
      }
      expect(calls(apiKey)).toHaveLength(4);
    }
    expect(await refusals()).toBe(0);
    await expectStore([one, two], 'redis');
    for (const replica of [one, two]) {
      expect(await replica.figure('enviaai_store_failures_total')).toBe(0);
      expect(replica.log.join()).not.toContain('127.0.0.1');
    }
    // No node has the keys of all: each has its own tenants.
    const sizes: number[] = [];
    await cluster.onAll(async (redis) => sizes.push(await redis.dbsize()));
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  test('a write shows at the other replica at once, and an idempotency key creates one instance', async () => {
    const { one, two, sandbox, cluster } = await start({ ratePerMinute: 1000 });
    for (const apiKey of keysOf(cluster)) {
      const headers = headersOf(apiKey);
      const create = (replica: Replica) =>
        replica.query(
          'mutation { createInstance(input: { name: "Once", idempotencyKey: "k" }) { instance { id } } }',
          {},
          headers,
        );
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, at) => create(at % 2 ? one : two)),
      );
      expect(errorsOf(answers)).toEqual([]);
      const created = new Set(answers.map(({ data }) => data.createInstance.instance.id));
      expect(created.size).toBe(1);
      expect(sandbox.control.writes({ key: apiKey }).writes).toHaveLength(1);

      const [id] = created;
      const name = '{ instances { nodes { id name } } }';
      await two.query(name, {}, headers);
      await one.query(
        `mutation { updateInstance(id: "${id}", input: { name: "Renamed" }) { userErrors { code } } }`,
        {},
        headers,
      );
      const { data } = await two.query(name, {}, headers);
      expect(data.instances.nodes).toContainEqual({ id, name: 'Renamed' });
    }
  });

  test('replicas share the count of each caller', async () => {
    const { address } = await startRedisCluster();
    const startLimit = async () => {
      const options = { prefix: 'test', onStateChange: () => {}, onCommandFailure: () => {} };
      const link = createRedisLink({ ...address, ...options });
      onTestFinished(link.stop);
      await link.start();
      const redis = { link, prefix: 'test' };
      return createCallerLimit({ perMinute: 10, now: systemClock.now, redis });
    };
    const limits = [await startLimit(), await startLimit()];
    for (const caller of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const counted = Array.from({ length: 16 }, (_, at) => limits[at % 2]!.count(caller));
      const outcomes = await Promise.allSettled(counted);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    }
  });

  test('a lost node begins another epoch at once, so that budgets are restored, without a failed command', async () => {
    const cluster = await startRedisCluster();
    let failures = 0;
    const link = createRedisLink({
      ...cluster.address,
      prefix: 'test',
      onStateChange: () => {},
      onCommandFailure: () => (failures += 1),
    });
    onTestFinished(link.stop);
    await link.start();
    const sizes = new Map<number | undefined, number>();
    await cluster.onAll(async (redis) => sizes.set(redis.options.port, await redis.dbsize()));
    const unused = cluster.nodes.find(({ url }) => sizes.get(Number(url.port)) === 0);
    const before = link.epoch();
    await unused?.stop();
    await expect.poll(() => link.epoch()).toBe(before + 1);
    expect([link.isUp(), failures]).toEqual([true, 0]);
  });

  test('the next take of a group deletes the budgets of the group that have ended', async () => {
    const cluster = await startRedisCluster();
    const options = { prefix: 'test', onStateChange: () => {}, onCommandFailure: () => {} };
    const link = createRedisLink({ ...cluster.address, ...options });
    onTestFinished(link.stop);
    await link.start();
    const clock = createTestClock();
    const store = createRedisBudgetStore(link, { prefix: 'test', now: clock.now });
    const budgets = async () => {
      const names: string[] = [];
      await cluster.onAll(async (redis) => names.push(...(await redis.keys('*:budget'))));
      return names.toSorted().map((name) => name.split(':')[2]);
    };
    const take = (tenant: string) =>
      store.take(tenant, {
        now: clock.now(),
        assumedLimit: 50,
        reserve: 0,
        ticket: 'ticket',
        ticketMs: 5000,
      });
    for (const tenant of ['ab one', 'ab two', 'cd', 'ef']) await take(tenant);
    expect(await budgets()).toEqual(['ab one', 'ab two', 'cd', 'ef']);
    clock.advance(121_000);
    await take('ab three');
    expect(await budgets()).toEqual(['ab three', 'cd', 'ef']);
  });

  test('a subscription outlives any node, and is renewed at one that comes back', async () => {
    const cluster = await startRedisCluster();
    const texts: string[] = [];
    const subscriber = createRedisSubscriber({
      ...cluster.address,
      channel: 'c',
      onMessage: (text) => texts.push(text),
    });
    onTestFinished(subscriber.stop);
    subscriber.start();
    const expectMessage = (text: string) =>
      expect
        .poll(
          async () => {
            await cluster.onAll((redis) => redis.publish('c', text)).catch(() => {});
            return texts.includes(text);
          },
          { timeout: 10_000 },
        )
        .toBe(true);
    await expectMessage('all nodes');
    const subscriptions = async () => {
      const counts: unknown[] = [];
      await cluster
        .onAll(async (redis) => counts.push((await redis.pubsub('NUMSUB', 'c'))[1]))
        .catch(() => {});
      return counts.filter((count) => count === 1).length;
    };
    for (const node of cluster.nodes) {
      await expect.poll(subscriptions, { timeout: 10_000 }).toBe(cluster.nodes.length);
      await node.stop();
      await expectMessage(`without ${node.url.port}`);
      await node.restart();
    }
    await expect.poll(subscriptions, { timeout: 10_000 }).toBe(cluster.nodes.length);
  });

  test('a node dies under load and comes back empty: all are answered, and its tenants alone use local shares', async () => {
    const settings = ['--cluster-require-full-coverage', 'no'];
    const { all, calls, refusals, cluster } = await start({ cluster: { settings } });
    const [lost, ...others] = cluster.owners;
    for (const apiKey of keysOf(cluster)) {
      expect(errorsOf(await readNewIds(all, apiKey, 10))).toEqual([]);
    }
    const underLoad = keysOf(cluster).map((apiKey) => readNewIds(all, apiKey, 6));
    await lost!.node.stop();
    expect(errorsOf((await Promise.all(underLoad)).flat())).toEqual([]);

    // A share of the rest is left for the lost ones; the others have all of it.
    expect(errorsOf(await readNewIds(all, lost!.apiKey, 6))).toEqual([]);
    await expectStore(all, 'local');
    for (const { apiKey } of others) {
      const before = calls(apiKey).length;
      const answers = await readNewIds(all, apiKey, 60);
      expect(answers.filter(({ errors }) => !errors)).toHaveLength(50 - before);
    }
    expect(await refusals()).toBe(0);

    await lost!.node.restart();
    await expectStore(all, 'redis');
    await readNewIds(all, lost!.apiKey, 60);
    expect(await refusals()).toBeLessThanOrEqual(all.length);
    expect(calls(lost!.apiKey).length).toBeLessThanOrEqual(50 + all.length);
  });

  test('a master dies under load and its replica takes over: all are answered, and no budget is lost', async () => {
    const { all, calls, refusals, cluster } = await start({ cluster: { hasReplicas: true } });
    for (const apiKey of keysOf(cluster)) {
      expect(errorsOf(await readNewIds(all, apiKey, 10))).toEqual([]);
    }
    const underLoad = keysOf(cluster).map((apiKey) => readNewIds(all, apiKey, 6));
    await cluster.owners[0]!.node.stop();
    expect(errorsOf((await Promise.all(underLoad)).flat())).toEqual([]);
    for (const apiKey of keysOf(cluster)) {
      expect(errorsOf(await readNewIds(all, apiKey, 4))).toEqual([]);
    }
    await expectStore(all, 'redis');
    for (const apiKey of keysOf(cluster)) {
      await readNewIds(all, apiKey, 60);
      expect(calls(apiKey).length).toBeLessThanOrEqual(50);
      expect(calls(apiKey).length).toBeGreaterThan(40);
    }
    expect(await refusals()).toBe(0);
  });

  test('a node that hangs delays one command by a quarter of a second, and is used again', async () => {
    const settings = ['--cluster-require-full-coverage', 'no'];
    const { all, refusals, cluster } = await start({ cluster: { settings } });
    for (const apiKey of keysOf(cluster)) await readNewIds(all, apiKey, 4);
    const [frozen] = cluster.owners;
    frozen!.node.freeze();
    for (const apiKey of keysOf(cluster)) {
      expect(errorsOf(await readNewIds(all, apiKey, 6))).toEqual([]);
    }
    frozen!.node.thaw();
    await expectStore(all, 'redis');
    expect(errorsOf(await readNewIds(all, frozen!.apiKey, 6))).toEqual([]);
    expect(await refusals()).toBe(0);
  });

  test('a user with the permissions of docs/replicas.md is enough', async () => {
    const page = await readFile('docs/replicas.md', 'utf8');
    const [, permissions = ''] = /`user graph on >PASSWORD ([^`]+)`/.exec(page) ?? [];
    const [, more = ''] = /In a cluster the user also needs `([^`]+)`/.exec(page) ?? [];
    const user = `user graph on >secret ${permissions} ${more}`.split(/\s+/).slice(2);
    const { address, env } = await startRedisCluster({
      settings: ['--user', 'graph', ...user],
    });
    const { all } = await startReplicas({
      redis: new URL(`redis://graph:secret@${address.url.host}`),
      count: 2,
      env,
    });
    for (const [at, replica] of all.entries()) {
      expect((await replica.query(list)).extensions?.enviaai?.calls).toBe(at === 0 ? 1 : 0);
      expect(await replica.readiness()).toMatchObject({ store: 'redis' });
      expect(await replica.figure('enviaai_store_failures_total')).toBe(0);
    }
  });

  test('nodes that are not there are reported, and the server answers without Redis', async () => {
    const { all } = await startReplicas({
      redis: new URL('redis://127.0.0.1:1'),
      count: 1,
      env: { REDIS_CLUSTER_NODES: '127.0.0.1:2' },
    });
    const [server] = all;
    expect((await server?.query(list))?.errors).toBeUndefined();
    expect(await server?.readiness()).toMatchObject({ store: 'local', status: 'degraded' });
    expect(server?.log.join()).toContain('"reason":"refused"');
    expect(server?.log.join()).not.toContain('127.0.0.1');
  });
});
