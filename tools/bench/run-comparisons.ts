import { newKeys, preparedKeys } from './comparison-keys.ts';
import type { Comparison } from './comparisons.ts';
import {
  createMeasurement,
  firstCalls,
  measureAlternately,
  type Measurement,
  type Round,
} from './measurement.ts';
import type { Options } from './options.ts';
import { logProgress } from './progress.ts';
import { connections } from './scenarios.ts';
import type { ServerPool } from './server-pool.ts';
import { type ServerName, titleOf } from './servers.ts';
import { meanOf, ratiosOf, spreadOf } from './statistics.ts';
import { figure, spreadText, tableOf } from './table.ts';
import { targetOf, verdict } from './targets.ts';

/** As many as there are operations in a cycle of the mixed scenario. */
const firstKeys = 10;
const warmUpAgainMs = 150;

/**
 * Yields a Markdown section for each comparison. All servers are warm before the first one is
 * measured.
 */
export async function* runComparisons(
  pool: ServerPool,
  comparisons: readonly Comparison[],
  options: Options,
): AsyncGenerator<string> {
  const all = new Map<Comparison, readonly Measurement[]>();
  for (const comparison of comparisons) {
    logProgress(`${comparison.name}: warming up`);
    const measurements = await measurementsOf(pool, comparison, options);
    all.set(comparison, measurements);
    for (const measurement of measurements) await measurement.warmUp();
  }
  for (const [comparison, measurements] of all) {
    logProgress(comparison.name);
    yield await sectionOf(pool, comparison, measurements, options);
  }
}

async function measurementsOf(
  pool: ServerPool,
  comparison: Comparison,
  { roundMs }: Options,
): Promise<Measurement[]> {
  const { scenario } = comparison;
  const sandbox = await pool.sandbox();
  const measurements: Measurement[] = [];
  for (const tested of await pool.servers(comparison.serverNames)) {
    const keys = await preparedKeys(sandbox, comparison, tested.name);
    measurements.push(createMeasurement({ sandbox, tested, scenario, keys, connections, roundMs }));
  }
  return measurements;
}

async function sectionOf(
  pool: ServerPool,
  comparison: Comparison,
  measurements: readonly Measurement[],
  { rounds }: Options,
): Promise<string> {
  // V8 may have optimized the server for the other scenarios since its warm-up.
  for (const measurement of measurements) await measurement.run(warmUpAgainMs);
  const results = await measureAlternately(measurements, rounds);
  for (const measurement of measurements) await measurement.close();
  const proxy = [...results.values()].at(0) ?? [];

  const { scenario } = comparison;
  const sandbox = await pool.sandbox();
  const rows: string[][] = [];
  for (const [{ tested }, measured] of results) {
    const keys = await newKeys(sandbox, comparison, tested.name, firstKeys);
    const first = await firstCalls({ sandbox, scenario, tested, keys });
    rows.push(rowOf(comparison, tested.name, { measured, proxy, first }));
  }
  return `### ${comparison.name}\n\n${scenario.description}\n\n${tableOf(head, rows)}`;
}

const head = [
  '',
  'CPU ms / 1000',
  '× the proxy',
  'target',
  'calls / 1000',
  'first calls',
  'target',
  'p50 ms',
  'p99 ms',
];

interface Results {
  readonly measured: readonly Round[];
  /** The same rounds of the bare proxy. */
  readonly proxy: readonly Round[];
  /** Upstream calls of one operation with a new key. */
  readonly first: number;
}

function rowOf(
  comparison: Comparison,
  name: ServerName,
  { measured, proxy, first }: Results,
): string[] {
  const cpuOf = (rounds: readonly Round[]) => rounds.map(({ cpuMsPer1000 }) => cpuMsPer1000);
  const ratio = ratiosOf(cpuOf(measured), cpuOf(proxy));
  const target = targetOf(comparison.name, name);
  return [
    titleOf[name],
    spreadText(spreadOf(cpuOf(measured))),
    name === 'proxy' ? '1' : spreadText(ratio),
    target.ratio === undefined ? '' : verdict(ratio.median, target.ratio),
    figure(meanOf(measured.map(({ callsPer1000 }) => callsPer1000))),
    figure(first),
    target.firstCalls === undefined ? '' : verdict(first, target.firstCalls),
    spreadText(spreadOf(measured.map(({ p50Ms }) => p50Ms))),
    spreadText(spreadOf(measured.map(({ p99Ms }) => p99Ms))),
  ];
}
