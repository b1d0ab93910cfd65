import { z } from 'zod';

// May contain a password, so it is never logged.
const redisUrl = z
  .string()
  .refine(
    (text) => URL.canParse(text) && isRedisUrl(new URL(text)),
    'must be a redis or rediss URL: redis://user:password@host:6379/0',
  )
  .transform((text) => new URL(text));

function isRedisUrl({ protocol, username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return /^rediss?:$/.test(protocol);
  } catch {
    return false;
  }
}

const addressPattern = /^(?:\[([\da-f:.]{2,45})\]|([\w.-]{1,255}))(?::(\d{1,5}))?$/i;
const defaultSentinelPort = 26_379;
const defaultPort = 6379;

const addresses = (of: string, example: string, port: number) =>
  z
    .string()
    .transform((text) => text.split(',').map((address) => addressPattern.exec(address.trim())))
    .refine(
      (list) => list.every((match) => match !== null && Number(match[3] ?? 1) <= 65_535),
      `must be the addresses of ${of} separated by commas, such as ${example}`,
    )
    .transform((list) =>
      list.map((match) => ({
        host: match?.[1] ?? match?.[2] ?? '',
        port: Number(match?.[3] ?? port),
      })),
    )
    .optional();

const sentinels = addresses('sentinels', 'sentinel-1:26379,sentinel-2:26379', defaultSentinelPort);
const clusterNodes = addresses('nodes of a cluster', 'node-1:6379,node-2:6379', defaultPort);

export const redisVariables = z
  .object({
    REDIS_URL: redisUrl.optional(),
    REDIS_SENTINELS: sentinels,
    REDIS_SENTINEL_PASSWORD: z.string().optional(),
    REDIS_CLUSTER_NODES: clusterNodes,
  })
  .refine(({ REDIS_URL, REDIS_SENTINELS }) => !REDIS_SENTINELS || REDIS_URL, {
    path: ['REDIS_URL'],
    message:
      'must be set with REDIS_SENTINELS: redis://user:password@name/0, with the name by which the sentinels know the primary',
  })
  .refine((read) => read.REDIS_SENTINEL_PASSWORD === undefined || read.REDIS_SENTINELS, {
    path: ['REDIS_SENTINEL_PASSWORD'],
    message: 'must not be set without REDIS_SENTINELS',
  })
  .refine(({ REDIS_URL, REDIS_CLUSTER_NODES }) => !REDIS_CLUSTER_NODES || REDIS_URL, {
    path: ['REDIS_URL'],
    message: 'must be set with REDIS_CLUSTER_NODES: redis://user:password@node:6379',
  })
  .refine(
    ({ REDIS_URL, REDIS_CLUSTER_NODES }) => !REDIS_CLUSTER_NODES || hasNoDatabase(REDIS_URL),
    {
      path: ['REDIS_URL'],
      message: 'must have no database number with REDIS_CLUSTER_NODES: a cluster has only number 0',
    },
  )
  .refine((read) => !read.REDIS_CLUSTER_NODES || !read.REDIS_SENTINELS, {
    path: ['REDIS_CLUSTER_NODES'],
    message: 'must not be set with REDIS_SENTINELS: a cluster has its own failover',
  });

const hasNoDatabase = (url: URL | undefined) => /^\/?0?$/.test(url?.pathname ?? '');

export interface RedisConfig {
  /** The Redis that replicas share; null: pages and budgets are in the memory of this process. */
  readonly redisUrl: URL | null;
  /** Null: Redis is at the host of its URL; else that is the name of the sentinels' primary. */
  readonly redisSentinels: {
    readonly addresses: readonly { readonly host: string; readonly port: number }[];
    readonly password: string | null;
  } | null;
  /** Nodes of the cluster that the URL names a node of; null: Redis is no cluster. */
  readonly redisClusterNodes: readonly { readonly host: string; readonly port: number }[] | null;
}

export const redisOf = (read: z.infer<typeof redisVariables>): RedisConfig => ({
  redisUrl: read.REDIS_URL ?? null,
  redisSentinels: read.REDIS_SENTINELS
    ? { addresses: read.REDIS_SENTINELS, password: read.REDIS_SENTINEL_PASSWORD ?? null }
    : null,
  redisClusterNodes: read.REDIS_CLUSTER_NODES ?? null,
});
