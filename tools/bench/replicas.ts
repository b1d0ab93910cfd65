import { type Client, createClient } from './client.ts';
import { paced } from './pace.ts';
import { listOf } from './scenarios.ts';
import { startOurs, startSandbox } from './servers.ts';
import { createFleet, type Fleet, type Served } from './servers/fleet.ts';
import { hasRedis, startRedis } from './servers/redis.ts';
import { figure, tableOf } from './table.ts';

const perSecond = 100;
const seconds = 3;
const keys = 10;
const rows = 1000;
const { operation } = listOf(rows);

/** What two replicas call for where they share a Redis, and where they do not. */
export async function runReplicas(): Promise<string> {
  const title = '### two replicas';
  if (!hasRedis()) return `${title}\n\nNot measured: there is no redis-server on this machine.`;
  const fleet = createFleet();
  const redis = await startRedis();
  try {
    const sandbox = await startSandbox(fleet, rows);
    const shared = { REDIS_URL: redis.url };
    const calls = async (name: string, count: number, env: object) => {
      const replicas = await start(fleet, sandbox, count, { ...env });
      return [name, figure(await callsPer1000(sandbox, replicas, name.replaceAll(/\W/g, '-')))];
    };
    const measured = [
      await calls('one', 1, {}),
      await calls('two on one Redis', 2, shared),
      await calls('two without', 2, {}),
    ];
    return `${title}\n\nlists of 50 by ${keys} keys, ${perSecond} a second for ${seconds} s, to each replica in turn\n\n${tableOf(['replicas', 'calls / 1000'], measured)}`;
  } finally {
    await fleet.stop();
    await redis.stop();
  }
}

async function start(
  fleet: Fleet,
  sandbox: Served,
  count: number,
  env: Readonly<Record<string, string>>,
): Promise<Served[]> {
  const started: Served[] = [];
  while (started.length < count) started.push(await startOurs(fleet, sandbox, env));
  return started;
}

async function callsPer1000(
  sandbox: Served,
  replicas: readonly Served[],
  prefix: string,
): Promise<number> {
  const clients: Client[] = replicas.map(({ url }) => createClient(url, 'graphql', 16));
  const before = await sandbox.figures();
  await paced({ perSecond, seconds }, async (number) => {
    const turn = { number, worker: 0, step: number, last: null };
    // Each key is asked for at each replica.
    const key = `${prefix}-${Math.floor(number / replicas.length) % keys}`;
    await clients[number % clients.length]?.send(operation(turn), key);
  });
  const after = await sandbox.figures();
  await Promise.all(clients.map((client) => client.close()));
  return ((after.requests - before.requests) / (perSecond * seconds)) * 1000;
}
