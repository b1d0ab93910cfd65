import { createMeasurement, type MeasurementOptions, type Round } from './measurement.ts';
import type { Options } from './options.ts';
import { connections, type Scenario, scenarios } from './scenarios.ts';
import type { ServerPool } from './server-pool.ts';
import { figure, tableOf } from './table.ts';

const scenarioNames: readonly string[] = ['list of 50', '25 by id', '20 keys mixed'];

/** Twice the default `FRESH_MS`, so that each page is refreshed at least once. */
const steadyMs = 4000;
const proxyMs = 1000;

/** Measures cache hits and refreshes together, over rows that change from call to call. */
export async function runSteady(_: Options, pool: ServerPool): Promise<string> {
  const sandbox = await pool.sandbox();
  const [proxy, warm] = await pool.servers(['proxy', 'warm']);
  if (!proxy || !warm) throw new Error('The proxy or this server is missing');
  const rows: string[][] = [];
  for (const scenario of scenarios.filter(({ name }) => scenarioNames.includes(name))) {
    const keys = keysOf(scenario);
    await sandbox.prepare(keys.map((key) => ({ key, rows: scenario.rows, changing: true })));
    const shared = { sandbox, scenario, keys, connections };
    const base = await roundOf({ ...shared, tested: proxy, roundMs: proxyMs });
    const ours = await roundOf({ ...shared, tested: warm, roundMs: steadyMs });
    const ratio = ours.cpuMsPer1000 / base.cpuMsPer1000;
    const figures = [ours.cpuMsPer1000, ratio, ours.callsPer1000, ours.perSecond, ours.p99Ms];
    rows.push([scenario.name, ...figures.map(figure)]);
  }
  return `### steady load\n\nthis server for ${steadyMs / 1000} s without a pause, its refreshes included, over rows that change from call to call\n\n${tableOf(head, rows)}`;
}

const head = ['', 'CPU ms / 1000', '× the proxy', 'calls / 1000', 'operations / s', 'p99 ms'];

const keysOf = ({ name, keys }: Scenario): readonly string[] =>
  Array.from({ length: keys }, (_, at) => `steady-${name.replaceAll(/\W/g, '-')}-${at}`);

async function roundOf(options: MeasurementOptions): Promise<Round> {
  const measurement = createMeasurement({ ...options, timed: true });
  await measurement.warmUp();
  const round = await measurement.round();
  await measurement.close();
  return round;
}
