import { preparedKeys } from './comparison-keys.ts';
import type { Comparison } from './comparisons.ts';
import {
  createMeasurement,
  measureAlternately,
  type Measurement,
  type Round,
} from './measurement.ts';
import type { Options } from './options.ts';
import { logProgress } from './progress.ts';
import type { ServerPool } from './server-pool.ts';
import { type ServerName, titleOf } from './servers.ts';
import { meanOf, ratiosOf, type Spread, spreadOf } from './statistics.ts';
import { figure, sectionOf, spreadText, tableOf } from './table.ts';
import { maxLogRatio, targetOf, verdict } from './targets.ts';

const warmUpAgainMs = 150;

/** Their rounds are shorter than the proxy's and this server's. */
const inShortRounds: readonly ServerName[] = ['usual', 'mercurius', 'warmSilent', 'fetchedSilent'];

/** The same server without a log. */
const silentOf: ReadonlyMap<ServerName, ServerName> = new Map([
  ['warm', 'warmSilent'],
  ['fetched', 'fetchedSilent'],
]);
const silent: readonly ServerName[] = [...silentOf.values()];

/** The rounds of each server that a comparison measured. */
export type Compared = ReadonlyMap<ServerName, readonly Round[]>;

/**
 * Yields the results of each comparison. All servers are warm before the first one is measured.
 */
export async function* runComparisons(
  pool: ServerPool,
  comparisons: readonly Comparison[],
  options: Options,
): AsyncGenerator<readonly [Comparison, Compared]> {
  const all = new Map<Comparison, readonly Measurement[]>();
  for (const comparison of comparisons) {
    logProgress(`${comparison.name}: warming up`);
    const measurements = await measurementsOf(pool, comparison, options);
    all.set(comparison, measurements);
    for (const measurement of measurements) await measurement.warmUp();
  }
  for (const [comparison, measurements] of all) {
    logProgress(comparison.name);
    // V8 may have optimized the server for the other scenarios since its warm-up.
    for (const measurement of measurements) await measurement.run(warmUpAgainMs);
    const results = await measureAlternately(measurements, options.rounds);
    for (const measurement of measurements) await measurement.close();
    yield [comparison, new Map([...results].map(([{ tested }, rounds]) => [tested.name, rounds]))];
  }
}

async function measurementsOf(
  pool: ServerPool,
  comparison: Comparison,
  { roundMs }: Options,
): Promise<Measurement[]> {
  const { scenario, connections, share } = comparison;
  const sandbox = await pool.sandbox();
  const measurements: Measurement[] = [];
  for (const tested of await pool.servers(comparison.serverNames)) {
    const keys = await preparedKeys(sandbox, comparison, tested.name);
    const ms = roundMs * share * (inShortRounds.includes(tested.name) ? 0.4 : 1);
    const shared = { sandbox, tested, scenario, keys, connections };
    measurements.push(createMeasurement({ ...shared, roundMs: ms }));
  }
  return measurements;
}

export const head = [
  '',
  'CPU ms / 1000',
  '× the proxy',
  '× log off',
  'calls / 1000',
  'operations / s',
  'p50 ms',
  'p99 ms',
  'targets',
];

/** The Markdown section of a comparison. */
export function comparisonSection({ name, description }: Comparison, results: Compared): string {
  const rows = [...results.keys()]
    .filter((server) => !silent.includes(server))
    .map((server) => rowOf(name, server, results));
  return sectionOf(name, description, tableOf(head, rows));
}

const median = (rounds: readonly Round[], figureOf: (round: Round) => number): Spread =>
  spreadOf(rounds.map(figureOf));

/** CPU time as a multiple of another server's, in the same rounds. */
export function cpuRatio(results: Compared, server: ServerName, base: ServerName): Spread {
  const cpuOf = (name: ServerName) =>
    (results.get(name) ?? []).map(({ cpuMsPer1000 }) => cpuMsPer1000);
  return ratiosOf(cpuOf(server), cpuOf(base));
}

function rowOf(comparison: string, server: ServerName, results: Compared): string[] {
  const rounds = results.get(server) ?? [];
  const toProxy = cpuRatio(results, server, 'proxy');
  const silentServer = silentOf.get(server);
  const toSilent =
    silentServer && results.has(silentServer) ? cpuRatio(results, server, silentServer) : undefined;
  const p99 = median(rounds, ({ p99Ms }) => p99Ms);
  const p99OfProxy = median(results.get('proxy') ?? [], ({ p99Ms }) => p99Ms).median;

  const target = targetOf(comparison, server);
  const targets = [
    ...(target.ratio === undefined ? [] : [`proxy ${verdict(toProxy.median, target.ratio)}`]),
    ...(toSilent ? [`log ${verdict(toSilent.median, maxLogRatio)}`] : []),
    ...(target.p99BelowProxy
      ? [`p99 below the proxy's${p99.median < p99OfProxy ? ' ✓' : ': missed'}`]
      : []),
  ];
  return [
    titleOf[server],
    spreadText(median(rounds, ({ cpuMsPer1000 }) => cpuMsPer1000)),
    server === 'proxy' ? '1' : spreadText(toProxy),
    toSilent ? spreadText(toSilent) : '',
    figure(meanOf(rounds.map(({ callsPer1000 }) => callsPer1000))),
    figure(Math.round(median(rounds, ({ perSecond }) => perSecond).median)),
    spreadText(median(rounds, ({ p50Ms }) => p50Ms)),
    spreadText(p99),
    targets.join('; '),
  ];
}
