import { readFile } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#src/domain/clock.ts';
import { createCallerLimit } from '#src/store/caller-limit.ts';
import { createRedisBudgetStore } from '#src/store/redis/redis-budget.ts';
import { createRedisLink } from '#src/store/redis/redis-link.ts';
import { createTestClock } from '#test/support/clock.ts';
import { startReplicas } from '#test/support/replicas/replicas.ts';
import { startRedisCluster } from '#test/support/store/redis-cluster.ts';
import {
  errorsOf,
  expectStore,
  headersOf,
  keysOf,
  list,
  noCache,
  startInCluster,
} from '#test/support/replicas/in-cluster.ts';
import type { Replica } from '#test/support/replicas/replicas.ts';
import { hasRedis, redisNote } from '#test/support/store/redis-server.ts';

describe.skipIf(!hasRedis)(`replicas that share a Redis Cluster${redisNote}`, () => {
  test('keys on every node share pages and one budget each, also after SCRIPT FLUSH', async () => {
    const { one, two, calls, refusals, cluster } = await startInCluster({ ratePerMinute: 4 });
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
    const { one, two, sandbox, cluster } = await startInCluster({ ratePerMinute: 1000 });
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
});
