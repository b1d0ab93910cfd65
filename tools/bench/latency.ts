import {
  createMeasurement,
  measureAlternately,
  type Measurement,
  type Round,
} from './measurement.ts';
import type { Options } from './options.ts';
import { listOf, type Scenario } from './scenarios.ts';
import type { ServerPool } from './server-pool.ts';
import { type ServerName, titleOf } from './servers.ts';
import { spreadOf } from './statistics.ts';
import { spreadText, tableOf } from './table.ts';

const connections = 64;
const rows = 1000;
const scenario: Scenario = {
  name: 'list of 50',
  description: '',
  rows,
  keys: 1,
  keysIfFetched: 1,
  keyAt: () => 0,
  ...listOf(rows),
};

/** Measures how long clients wait for a response while many send at the same time. */
export async function runLatency(
  { rounds, roundMs, ours }: Options,
  pool: ServerPool,
): Promise<string> {
  const sandbox = await pool.sandbox();
  const names: readonly ServerName[] = ours
    ? ['proxy', 'warm']
    : ['proxy', 'usual', 'mercurius', 'warm'];
  const measurements: Measurement[] = [];
  for (const tested of await pool.servers(names)) {
    const shared = { tested, sandbox, scenario, keys: ['latency'], connections };
    const measurement = createMeasurement({ ...shared, roundMs: roundMs * 2 });
    measurements.push(measurement);
    await measurement.warmUp();
  }
  const results = [...(await measureAlternately(measurements, rounds))].map(
    ([{ tested }, measured]) => [tested.name, measured] as const,
  );
  for (const measurement of measurements) await measurement.close();
  const p99Of = new Map(
    results.map(([name, measured]) => [name, spreadOf(measured.map(({ p99Ms }) => p99Ms)).median]),
  );
  const body = results.map(([name, measured]) => [
    titleOf[name],
    ...cellsOf(measured),
    name === 'warm' ? target(p99Of) : '',
  ]);
  return `### 64 connections\n\nall fields of the first 50 of 1,000 rows; all connections with one key\n\n${tableOf(head, body)}`;
}

const head = ['', 'operations / s', 'p50 ms', 'p99 ms', 'target'];

const cellsOf = (rounds: readonly Round[]): string[] =>
  [
    rounds.map(({ perSecond }) => perSecond),
    rounds.map(({ p50Ms }) => p50Ms),
    rounds.map(({ p99Ms }) => p99Ms),
  ].map((values) => spreadText(spreadOf(values)));

function target(p99Of: ReadonlyMap<ServerName, number>): string {
  const [ours = Infinity, proxy = 0] = [p99Of.get('warm'), p99Of.get('proxy')];
  return `below the proxy's${ours < proxy ? ' ✓' : ': missed'}`;
}
