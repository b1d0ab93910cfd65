import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Answer } from '#test/support/start.ts';
import {
  type ClusterOptions,
  type RedisCluster,
  startRedisCluster,
} from '#test/support/store/redis-cluster.ts';
import { type Replica, type ReplicasOptions, startReplicas } from './replicas.ts';

export const list = '{ instances { totalCount } }';
export const noCache = { 'cache-control': 'no-cache' };
export const headersOf = (apiKey: string) => ({ authorization: `Bearer ${apiKey}` });

type StartOptions = Partial<Omit<ReplicasOptions, 'redis'>> & { readonly cluster?: ClusterOptions };

/** Two replicas that share a cluster. */
export async function startInCluster({
  cluster: clusterOptions,
  env,
  ...options
}: StartOptions = {}) {
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

export const expectStore = async (all: readonly Replica[], store: string) => {
  for (const replica of all) {
    await expect.poll(() => replica.readiness(), { timeout: 20_000 }).toMatchObject({ store });
  }
};

const newId = () => `inst_${randomUUID()}`;

/** Reads of ids that are not cached, each at one of the replicas: each costs one call. */
export const readNewIds = (
  all: readonly Replica[],
  apiKey: string,
  count: number,
): Promise<Answer[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      all[index % all.length]!.query(
        `{ instance(id: "${newId()}") { id } }`,
        {},
        headersOf(apiKey),
      ),
    ),
  );
export const errorsOf = (answers: readonly Answer[]) =>
  answers.flatMap(({ errors }) => errors ?? []);
export const keysOf = ({ owners }: RedisCluster) => owners.map(({ apiKey }) => apiKey);
