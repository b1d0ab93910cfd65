import { fillKeys, fillRows } from './fill.ts';
import { createMeasurement, measureAlternately, type Measurement } from './measurement.ts';
import type { Options } from './options.ts';
import { defaultConnections as connections } from './comparisons.ts';
import { firstTurn, idsOf, listOf, oneKey, type Scenario } from './scenarios.ts';
import { startOurs, startSandbox } from './servers.ts';
import { createFleet, type ServerProcess } from './servers/fleet.ts';
import { ratiosOf, spreadOf } from './statistics.ts';
import { figure, sectionOf, spreadText, tableOf } from './table.ts';

/** The cached data grows; the operations stay the same. */
interface Growth {
  readonly name: string;
  /** Header of the column with the sizes. */
  readonly sizeHeader: string;
  readonly sizes: readonly number[];
  /** Rows of the account of each key, unless `fill` prepares another account. */
  readonly instances: number;
  readonly scenarios: (size: number) => readonly Scenario[];
  readonly keys: (size: number) => readonly string[];
  readonly fill: (server: ServerProcess, sandbox: ServerProcess, size: number) => Promise<void>;
}

/** Everything stays cached and fresh for the whole measurement. */
const env = { FRESH_MS: '3600000', STALE_MS: '3600000', CACHE_MAX_MB: '16384' };

/** Part of the duration of a round: no garbage collector decides what grows. */
const share = 0.15;

const keysOf = (count: number) => Array.from({ length: count }, (_, at) => `key-${at}`);

export const growthOfRows: Growth = {
  name: 'growth with rows',
  sizeHeader: 'cached rows of one key',
  sizes: [100, 1000, 100_000],
  instances: 100,
  scenarios: (rows) => [
    { name: 'list of 50', description: '', rows, ...oneKey, ...listOf(rows) },
    { name: '25 by id', description: '', rows, ...oneKey, ...idsOf(rows) },
  ],
  keys: (size) => [`rows-${size}`],
  async fill(server, sandbox, size) {
    const key = `rows-${size}`;
    await sandbox.prepare([{ key, rows: size, changing: false }]);
    await fillRows(server, key);
  },
};

const rowsOfEachKey = 10;

const listOfEachKey = listOf(rowsOfEachKey);

/** Scattered, so that CPU caches do not help, and over all keys: a round does not start again. */
function scatteredOver(keys: number): Scenario['keyAt'] {
  let sent = 0;
  return () => {
    sent += 1;
    return (sent * 7919) % keys;
  };
}

export const growthOfKeys: Growth = {
  name: 'growth with keys',
  sizeHeader: `keys with ${rowsOfEachKey} cached rows each`,
  sizes: [1, 100, 10_000],
  instances: rowsOfEachKey,
  scenarios: (keys) => [
    {
      name: 'list of 10',
      description: '',
      rows: rowsOfEachKey,
      keys,
      keyAt: scatteredOver(keys),
      ...listOfEachKey,
    },
  ],
  keys: keysOf,
  // A warm-up and the rounds are too short for the first operation of each key.
  fill: (server, _, size) => fillKeys(server, keysOf(size), listOfEachKey.operation(firstTurn)),
};

interface FilledServer {
  readonly server: ServerProcess;
  readonly measurements: readonly Measurement[];
}

export async function runGrowth(growth: Growth, options: Options): Promise<string> {
  const fleet = createFleet();
  try {
    const sandbox = await startSandbox(fleet, growth.instances);
    const starting = growth.sizes.map(async (size) => {
      const server = await startOurs(fleet, sandbox, env);
      await growth.fill(server, sandbox, size);
      return [
        size,
        { server, measurements: measurementsOf(growth, size, { server, sandbox, ...options }) },
      ] as const;
    });
    const filled = new Map<number, FilledServer>(await Promise.all(starting));
    const all = [...filled.values()].flatMap(({ measurements }) => measurements);
    for (const measurement of all) await measurement.warmUp();
    const results = await measureAlternately(all, options.rounds);
    for (const measurement of all) await measurement.close();

    const cpuOf = (measurement: Measurement | undefined): readonly number[] =>
      (measurement ? (results.get(measurement) ?? []) : []).map(({ cpuMsPer1000 }) => cpuMsPer1000);
    return sectionOf(growth.name, '', await growthTable(growth, filled, cpuOf));
  } finally {
    await fleet.stop();
  }
}

function measurementsOf(
  growth: Growth,
  size: number,
  {
    server,
    sandbox,
    roundMs,
  }: Pick<Options, 'roundMs'> & Record<'server' | 'sandbox', ServerProcess>,
): readonly Measurement[] {
  const tested = { name: 'warm', server, protocol: 'graphql' } as const;
  const keys = growth.keys(size);
  return growth.scenarios(size).map((scenario) =>
    createMeasurement({
      tested,
      sandbox,
      keys,
      connections,
      roundMs: roundMs * share,
      scenario,
    }),
  );
}

async function growthTable(
  growth: Growth,
  filled: ReadonlyMap<number, FilledServer>,
  cpuOf: (measurement: Measurement | undefined) => readonly number[],
): Promise<string> {
  const [smallest] = filled.values();
  const rows: string[][] = [];
  for (const [size, { server, measurements }] of filled) {
    const cells = measurements.flatMap((measurement, at) => {
      const ratio = ratiosOf(cpuOf(measurement), cpuOf(smallest?.measurements[at]));
      return [spreadText(spreadOf(cpuOf(measurement))), spreadText(ratio)];
    });
    rows.push([size.toLocaleString('en-US'), ...cells, figure((await server.collected()).rssMb)]);
  }
  const figures = growth
    .scenarios(1)
    .flatMap(({ name }) => [`${name}: CPU ms / 1000`, '× the smallest']);
  return tableOf([growth.sizeHeader, ...figures, 'RSS MB'], rows);
}
