import { describe, expect, onTestFinished, test } from 'vitest';
import { createRedisLink } from '#src/store/redis/redis-link.ts';
import { createRedisSubscriber } from '#src/store/redis/redis-subscriber.ts';
import { startReplicas } from '#test/support/replicas/replicas.ts';
import { startRedisCluster } from '#test/support/store/redis-cluster.ts';
import {
  errorsOf,
  expectStore,
  keysOf,
  list,
  readNewIds,
  startInCluster,
} from '#test/support/replicas/in-cluster.ts';
import { hasRedis, redisNote } from '#test/support/store/redis-server.ts';

describe.skipIf(!hasRedis)(`replicas while nodes of their Redis Cluster fail${redisNote}`, () => {
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
    const { all, calls, refusals, cluster } = await startInCluster({ cluster: { settings } });
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
    const { all, calls, refusals, cluster } = await startInCluster({
      cluster: { hasReplicas: true },
    });
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
    const { all, refusals, cluster } = await startInCluster({ cluster: { settings } });
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
