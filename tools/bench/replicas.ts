import type { Env } from '#src/config/config.ts';
import { type Client, createClient } from './client.ts';
import { paced } from './pace.ts';
import { listOf } from './scenarios.ts';
import { startOurs, startSandbox } from './servers.ts';
import { createFleet, type Fleet, type ServerProcess } from './servers/fleet.ts';
import { hasRedis, startRedis } from './servers/redis.ts';
import { figure, sectionOf, tableOf } from './table.ts';

const name = 'two replicas';
export const head = ['replicas', 'calls / 1000'];

const perSecond = 100;
const seconds = 3;
const keys = 10;
const rows = 1000;
const { operation } = listOf(rows);

/** Measures the upstream calls of two replicas, with and without a shared Redis. */
export async function runReplicas(): Promise<string> {
  if (!hasRedis()) return sectionOf(name, 'Not measured: this machine has no redis-server.', '');
  const fleet = createFleet();
  const redis = await startRedis();
  try {
    const sandbox = await startSandbox(fleet, rows);
    const measure = async (title: string, count: number, env: Env) => {
      const replicas = await startReplicas(fleet, sandbox, count, env);
      return [title, figure(await callsPer1000(sandbox, replicas, title.replaceAll(/\W/g, '-')))];
    };
    const results = [
      await measure('one', 1, {}),
      await measure('two on one Redis', 2, { REDIS_URL: redis.url }),
      await measure('two without', 2, {}),
    ];
    const description = `lists of 50 by ${keys} keys, ${perSecond} a second for ${seconds} s, to each replica in turn`;
    return sectionOf(name, description, tableOf(head, results));
  } finally {
    await fleet.stop();
    await redis.stop();
  }
}

async function startReplicas(
  fleet: Fleet,
  sandbox: ServerProcess,
  count: number,
  env: Env,
): Promise<ServerProcess[]> {
  const replicas: ServerProcess[] = [];
  while (replicas.length < count) replicas.push(await startOurs(fleet, sandbox, env));
  return replicas;
}

async function callsPer1000(
  sandbox: ServerProcess,
  replicas: readonly ServerProcess[],
  prefix: string,
): Promise<number> {
  const clients: Client[] = replicas.map(({ url }) => createClient(url, 'graphql', 16));
  const before = await sandbox.figures();
  await paced({ perSecond, seconds }, async (number) => {
    const turn = { number, worker: 0, step: number, last: null };
    // Each key is used at each replica.
    const key = `${prefix}-${Math.floor(number / replicas.length) % keys}`;
    await clients[number % clients.length]?.send(operation(turn), key);
  });
  const after = await sandbox.figures();
  await Promise.all(clients.map((client) => client.close()));
  return ((after.requests - before.requests) / (perSecond * seconds)) * 1000;
}
