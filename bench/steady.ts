import { type CourseOptions, createCourse, type Round } from './measure.ts';
import { type Scenario, connections, scenarios } from './scenarios.ts';
import { startContestant, startSandbox } from './servers.ts';
import { createFleet } from './servers/fleet.ts';
import { figure, tableOf } from './table.ts';

const asked: readonly string[] = ['list of 50', '25 by id', '20 keys mixed'];

/** Two times as long as a row is fresh. */
const steadyMs = 4000;
const proxyMs = 1000;

/** This server as it comes, its refreshes included, over rows that change from call to call. */
export async function runSteady(): Promise<string> {
  const fleet = createFleet();
  try {
    const sandbox = await startSandbox(fleet, 1000);
    const proxy = await startContestant(fleet, sandbox, 'proxy');
    const warm = await startContestant(fleet, sandbox, 'warm');
    const rows: string[][] = [];
    for (const scenario of scenarios.filter(({ name }) => asked.includes(name))) {
      const keys = keysOf(scenario);
      await sandbox.prepare(keys.map((key) => ({ key, rows: scenario.rows, changing: true })));
      const given = { sandbox, scenario, keys, connections };
      const base = await roundOf({ ...given, contestant: proxy, roundMs: proxyMs });
      const own = await roundOf({ ...given, contestant: warm, roundMs: steadyMs });
      rows.push([
        scenario.name,
        ...[
          own.cpuMsPer1000,
          own.cpuMsPer1000 / base.cpuMsPer1000,
          own.callsPer1000,
          own.perSecond,
          own.p99Ms,
        ].map(figure),
      ]);
    }
    return `### steady load\n\nthis server for ${steadyMs / 1000} s without a pause, its refreshes included, over rows that change from call to call\n\n${tableOf(head, rows)}`;
  } finally {
    await fleet.stop();
  }
}

const head = ['', 'CPU ms / 1000', '× the proxy', 'calls / 1000', 'operations / s', 'p99 ms'];

const keysOf = ({ name, keys }: Scenario): readonly string[] =>
  Array.from({ length: keys }, (_, at) => `${name.replaceAll(/\W/g, '-')}-${at}`);

async function roundOf(options: CourseOptions): Promise<Round> {
  const course = createCourse({ ...options, timed: true });
  await course.warmUp();
  const round = await course.round();
  await course.close();
  return round;
}
