import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { expect, onTestFinished } from 'vitest';
import { tenantOf } from '#src/domain/tenant.ts';
import { keyBaseOf } from '#src/store/redis/redis-script.ts';
import type { RedisAddress } from '#src/store/redis/open-redis.ts';
import { freePort, type RedisServer, startRedisAt } from './redis-server.ts';

/** Ports of the nodes' bus are by 10,000 higher. */
const maxPort = 55_535;

const masters = 3;
const maxAttempts = 5;

export interface ClusterOptions {
  /** Whether each master has a replica. */
  readonly hasReplicas?: boolean;
  /** Of each node, such as `--requirepass x`. */
  readonly settings?: readonly string[];
}

export interface RedisCluster {
  readonly address: Required<Pick<RedisAddress, 'url' | 'clusterNodes'>>;
  /** `REDIS_CLUSTER_NODES`, of the nodes besides that of the URL. */
  readonly env: { readonly REDIS_CLUSTER_NODES: string };
  readonly nodes: readonly RedisServer[];
  /** The masters at the start, with one API key each whose keys are on it. */
  readonly owners: readonly { readonly node: RedisServer; readonly apiKey: string }[];
  /** Runs a command at each node that is there. */
  readonly onAll: (run: (redis: Redis) => Promise<unknown>) => Promise<void>;
}

/** Three masters on free ports of 127.0.0.1, with or without replicas, stopped after the test. */
export async function startRedisCluster(options: ClusterOptions = {}): Promise<RedisCluster> {
  const { hasReplicas = false, settings = [] } = options;
  const folder = await mkdtemp(join(tmpdir(), 'redis-cluster-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const startNode = async (attempt: number): Promise<RedisServer> => {
    const port = await freeClusterPort();
    const file = ['--dir', folder, '--cluster-config-file', `nodes-${port}.conf`];
    const timing = ['--cluster-node-timeout', '1000', '--repl-diskless-sync-delay', '0'];
    const all = ['--cluster-enabled', 'yes', ...file, ...timing, ...settings];
    return startRedisAt(port, all).catch((error: unknown) => {
      // The port of its bus may be in use.
      if (attempt === maxAttempts) throw error;
      return startNode(attempt + 1);
    });
  };
  const count = hasReplicas ? 2 * masters : masters;
  const nodes = await Promise.all(Array.from({ length: count }, () => startNode(1)));
  const hosts = nodes.map(({ url }) => url.host);
  const create = ['--cluster', 'create', ...hosts, '--cluster-yes'];
  const replicas = ['--cluster-replicas', hasReplicas ? '1' : '0'];
  await promisify(execFile)('redis-cli', [...create, ...replicas]);

  const clients = nodes.map(({ url }) => {
    const client = new Redis(url.href, {
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
    }).on('error', () => {});
    onTestFinished(() => client.disconnect());
    return client;
  });
  for (const client of clients) {
    await expect.poll(() => client.cluster('INFO')).toContain('cluster_state:ok');
    if (!hasReplicas) continue;
    await expect
      .poll(() => client.info('replication'), { timeout: 20_000 })
      .toMatch(/role:master[^]*connected_slaves:1|master_link_status:up/);
  }
  const [first, ...others] = nodes.map(({ url }) => url);
  const [client] = clients;
  if (!first || !client) throw new Error('No nodes');
  return {
    address: {
      url: first,
      clusterNodes: others.map(({ hostname, port }) => ({ host: hostname, port: Number(port) })),
    },
    env: { REDIS_CLUSTER_NODES: others.map(({ host }) => host).join(',') },
    nodes,
    owners: await ownersOf(nodes, client),
    async onAll(run) {
      await Promise.all(clients.filter(({ status }) => status === 'ready').map(run));
    },
  };
}

async function ownersOf(nodes: readonly RedisServer[], client: Redis) {
  const ranges = await client.cluster('SLOTS');
  const owners = new Map<number, string>();
  for (let index = 0; owners.size < masters; index += 1) {
    const apiKey = `key-${index}`;
    const slot = await client.cluster('KEYSLOT', keyBaseOf('', tenantOf(apiKey)));
    const port = ranges.find(([from, to]) => from <= slot && slot <= to)?.[2]?.[1];
    if (port !== undefined && !owners.has(port)) owners.set(port, apiKey);
  }
  return [...owners].map(([port, apiKey]) => {
    const node = nodes.find(({ url }) => Number(url.port) === port);
    if (!node) throw new Error('Another node');
    return { node, apiKey };
  });
}

async function freeClusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port <= maxPort) return port;
  }
}
