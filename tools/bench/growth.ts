import { fillKeys, fillRows } from './fill.ts';
import { type Course, createCourse, measureInTurn } from './measure.ts';
import type { Options } from './options.ts';
import { connections, idsOf, listOf, type Scenario } from './scenarios.ts';
import { startOurs, startSandbox } from './servers.ts';
import { createFleet, type Served } from './servers/fleet.ts';
import { ratiosOf, spreadOf } from './statistics.ts';
import { figure, spreadText, tableOf } from './table.ts';
import { mostGrowth, verdict } from './targets.ts';

/** What is held grows; what is asked does not. */
interface Growth {
  readonly name: string;
  readonly holds: string;
  readonly sizes: readonly number[];
  /** Of each key's account in the sandbox, unless it is told otherwise. */
  readonly instances: number;
  readonly asked: (size: number) => readonly Scenario[];
  readonly keys: (size: number) => readonly string[];
  readonly fill: (server: Served, sandbox: Served, size: number) => Promise<void>;
}

/** Held for the whole measurement, and fresh. */
const held = { FRESH_MS: '3600000', STALE_MS: '3600000', CACHE_MAX_MB: '16384' };

const oneKey = { keys: 1, keysIfFetched: 1, keyAt: () => 0 };

const keyOf = (at: number) => `key-${at}`;

export const growthOfRows: Growth = {
  name: 'growth with rows',
  holds: 'rows held by one key',
  sizes: [100, 1000, 10_000, 100_000],
  instances: 100,
  asked: (rows) => [
    { name: 'list of 50', asks: '', rows, ...oneKey, ...listOf(rows) },
    { name: '25 by id', asks: '', rows, ...oneKey, ...idsOf(rows) },
  ],
  keys: (size) => [`rows-${size}`],
  async fill(server, sandbox, size) {
    const key = `rows-${size}`;
    await sandbox.prepare([{ key, rows: size, changing: false }]);
    await fillRows(server, key);
  },
};

const rowsOfEach = 10;

export const growthOfKeys: Growth = {
  name: 'growth with keys',
  holds: `keys that hold ${rowsOfEach} rows each`,
  sizes: [1, 100, 1000, 10_000],
  instances: rowsOfEach,
  asked: (keys) => [
    {
      name: 'list of 10',
      asks: '',
      rows: rowsOfEach,
      keys,
      keysIfFetched: keys,
      // From key to key in no order that caches of the machine could follow.
      keyAt: ({ number }) => (number * 7919) % keys,
      ...listOf(rowsOfEach),
    },
  ],
  keys: (size) => Array.from({ length: size }, (_, at) => keyOf(at)),
  fill: (server, _, size) =>
    fillKeys(
      server,
      Array.from({ length: size }, (_, at) => keyOf(at)),
    ),
};

export async function runGrowth(growth: Growth, { rounds, roundMs }: Options): Promise<string> {
  const fleet = createFleet();
  try {
    const sandbox = await startSandbox(fleet, growth.instances);
    const sizes = new Map<number, { readonly server: Served; readonly courses: Course[] }>();
    const servers = growth.sizes.map(async (size) => {
      const server = await startOurs(fleet, sandbox, held);
      await growth.fill(server, sandbox, size);
      return { size, server };
    });
    for (const { size, server } of await Promise.all(servers)) {
      const contestant = { name: 'warm', server, speaks: 'graphql' } as const;
      const keys = growth.keys(size);
      const given = { contestant, sandbox, keys, connections, roundMs };
      const courses = growth.asked(size).map((scenario) => createCourse({ ...given, scenario }));
      sizes.set(size, { server, courses });
    }
    const all = [...sizes.values()].flatMap(({ courses }) => courses);
    for (const course of all) await course.warmUp();
    const measured = await measureInTurn(all, rounds);
    for (const course of all) await course.close();

    const cpuOf = (course: Course | undefined): readonly number[] =>
      (course ? (measured.get(course) ?? []) : []).map(({ cpuMsPer1000 }) => cpuMsPer1000);
    const [smallest] = sizes.values();
    const rows: string[][] = [];
    for (const [size, { server, courses }] of sizes) {
      const cells = courses.flatMap((course, at) => {
        const ratio = ratiosOf(cpuOf(course), cpuOf(smallest?.courses[at]));
        return [
          spreadText(spreadOf(cpuOf(course))),
          spreadText(ratio),
          server === smallest?.server ? '' : verdict(ratio.median, mostGrowth),
        ];
      });
      rows.push([size.toLocaleString('en-US'), ...cells, figure((await server.collected()).rssMb)]);
    }
    const figures = growth
      .asked(1)
      .flatMap(({ name }) => [`${name}: CPU ms / 1000`, '× the smallest', 'target']);
    return `### ${growth.name}\n\n${tableOf([growth.holds, ...figures, 'RSS MB'], rows)}`;
  } finally {
    await fleet.stop();
  }
}
