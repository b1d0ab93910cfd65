import type { Field } from './field.ts';
import { type CourseOptions, createCourse, type Round } from './measure.ts';
import type { Options } from './options.ts';
import { type Scenario, connections, scenarios } from './scenarios.ts';
import { figure, tableOf } from './table.ts';

const asked: readonly string[] = ['list of 50', '25 by id', '20 keys mixed'];

/** Two times as long as a row is fresh. */
const steadyMs = 4000;
const proxyMs = 1000;

/** This server as it comes, its refreshes included, over rows that change from call to call. */
export async function runSteady(_: Options, field: Field): Promise<string> {
  const sandbox = await field.sandbox();
  const [proxy, warm] = await field.contestants(['proxy', 'warm']);
  if (!proxy || !warm) throw new Error('A server is missing');
  const rows: string[][] = [];
  for (const scenario of scenarios.filter(({ name }) => asked.includes(name))) {
    const keys = keysOf(scenario);
    await sandbox.prepare(keys.map((key) => ({ key, rows: scenario.rows, changing: true })));
    const given = { sandbox, scenario, keys, connections };
    const base = await roundOf({ ...given, contestant: proxy, roundMs: proxyMs });
    const own = await roundOf({ ...given, contestant: warm, roundMs: steadyMs });
    const ratio = own.cpuMsPer1000 / base.cpuMsPer1000;
    const figures = [own.cpuMsPer1000, ratio, own.callsPer1000, own.perSecond, own.p99Ms];
    rows.push([scenario.name, ...figures.map(figure)]);
  }
  return `### steady load\n\nthis server for ${steadyMs / 1000} s without a pause, its refreshes included, over rows that change from call to call\n\n${tableOf(head, rows)}`;
}

const head = ['', 'CPU ms / 1000', '× the proxy', 'calls / 1000', 'operations / s', 'p99 ms'];

const keysOf = ({ name, keys }: Scenario): readonly string[] =>
  Array.from({ length: keys }, (_, at) => `steady-${name.replaceAll(/\W/g, '-')}-${at}`);

async function roundOf(options: CourseOptions): Promise<Round> {
  const course = createCourse({ ...options, timed: true });
  await course.warmUp();
  const round = await course.round();
  await course.close();
  return round;
}
