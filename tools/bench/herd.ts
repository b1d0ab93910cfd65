import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient } from './client.ts';
import { edgesOfAllFields } from './documents.ts';
import { list, type Operation } from './scenarios.ts';
import { startOurs, startVendor } from './servers.ts';
import { createFleet, type ServerProcess } from './servers/fleet.ts';
import { quantile } from './statistics.ts';
import { figure, sectionOf, tableOf } from './table.ts';

const clients = 1000;
const latencyMs = 20;
/** More than the default `FRESH_MS`, and less than the default `STALE_MS`. */
const staleAfterMs = 2100;

const operation = list(edgesOfAllFields, 50);
const connecting: Operation = { body: JSON.stringify({ query: '{ __typename }' }), path: '' };

export const head = ['moment', 'calls', 'executions', 'p50 ms', 'last answer, ms'];

/** Measures the calls and executions of many clients that send the same at the same moment. */
export async function runHerd(): Promise<string> {
  const fleet = createFleet();
  try {
    const vendor = await startVendor(fleet, 50);
    const server = await startOurs(fleet, vendor);
    await vendor.setLatency(latencyMs);
    const [same, moving] = ['herd-same', 'herd-moving'];
    await vendor.prepare([
      { key: same, rows: 50, changing: false },
      { key: moving, rows: 50, changing: true },
    ]);
    const client = createClient(server.url, 'graphql', clients);
    const herd = async (title: string, key: string) => [
      title,
      ...(await herdOf({ server, vendor, client, key })),
    ];
    await allAtOnce(client, connecting, same);

    const body = [await herd('a new key', same), await herd('another new key', moving)];
    await delay(staleAfterMs);
    body.push(await herd('a refresh, the same bytes', same));
    body.push(await herd('a refresh, a row has moved', moving));
    await client.close();
    const description = `${clients.toLocaleString('en-US')} connections send the same list of 50 edges at the same moment; EnviaAI answers after ${latencyMs} ms`;
    return sectionOf('herd', description, tableOf(head, body));
  } finally {
    await fleet.stop();
  }
}

interface Herd {
  readonly server: ServerProcess;
  readonly vendor: ServerProcess;
  readonly client: Client;
  readonly key: string;
}

async function herdOf({ server, vendor, client, key }: Herd): Promise<string[]> {
  await vendor.takeCalls();
  const before = await executionsOf(server);
  const durations = await allAtOnce(client, operation, key);
  const executions = (await executionsOf(server)) - before;
  const calls = (await vendor.takeCalls()).length;
  return [calls, executions, quantile(durations, 0.5), quantile(durations, 1)].map(figure);
}

/** The duration of each operation, in ascending order. */
async function allAtOnce(client: Client, sent: Operation, key: string): Promise<readonly number[]> {
  const startedAt = performance.now();
  const sendOne = async () => {
    await client.send(sent, key);
    return performance.now() - startedAt;
  };
  const durations = await Promise.all(Array.from({ length: clients }, sendOne));
  return durations.toSorted((a, b) => a - b);
}

async function executionsOf({ url }: ServerProcess): Promise<number> {
  const metrics = await (await fetch(new URL('/metrics', url))).text();
  const value = /^enviaai_executions_total (\d+)$/m.exec(metrics)?.[1];
  if (value === undefined) throw new Error('There is no metric enviaai_executions_total');
  return Number(value);
}
