import type { Field } from './field.ts';
import { type Course, createCourse, firstCalls, measureInTurn, type Round } from './measure.ts';
import type { Options } from './options.ts';
import { say } from './progress.ts';
import { newKeys, preparedKeys } from './race-keys.ts';
import type { Race } from './races.ts';
import { connections } from './scenarios.ts';
import { type Contender, titleOf } from './servers.ts';
import { meanOf, ratiosOf, spreadOf } from './statistics.ts';
import { figure, spreadText, tableOf } from './table.ts';
import { targetOf, verdict } from './targets.ts';

/** Each operation of the mixed ones once. */
const firstKeys = 10;
const againMs = 150;

/** The races, each a Markdown section: every server asked the same, in turn, round by round. */
export async function* runRaces(
  field: Field,
  races: readonly Race[],
  options: Options,
): AsyncGenerator<string> {
  const courses = new Map<Race, readonly Course[]>();
  for (const race of races) {
    say(`${race.name}: warming up`);
    const own = await coursesOf(field, race, options);
    courses.set(race, own);
    for (const course of own) await course.warmUp();
  }
  for (const [race, own] of courses) {
    say(race.name);
    yield await sectionOf(field, race, own, options);
  }
}

async function coursesOf(field: Field, race: Race, { roundMs }: Options): Promise<Course[]> {
  const { scenario } = race;
  const sandbox = await field.sandbox();
  const courses: Course[] = [];
  for (const contestant of await field.contestants(race.contenders)) {
    const keys = await preparedKeys(sandbox, race, contestant.name);
    courses.push(createCourse({ sandbox, contestant, scenario, keys, connections, roundMs }));
  }
  return courses;
}

async function sectionOf(
  field: Field,
  race: Race,
  courses: readonly Course[],
  { rounds }: Options,
): Promise<string> {
  // After the other races, once more to get used to this one.
  for (const course of courses) await course.run(againMs);
  const measured = await measureInTurn(courses, rounds);
  for (const course of courses) await course.close();
  const base = [...measured.values()].at(0) ?? [];

  const { scenario } = race;
  const sandbox = await field.sandbox();
  const rows: string[][] = [];
  for (const [{ contestant }, own] of measured) {
    const keys = await newKeys(sandbox, race, contestant.name, firstKeys);
    const first = await firstCalls({ sandbox, scenario, contestant, keys });
    rows.push(rowOf(race, contestant.name, { own, base, first }));
  }
  return `### ${race.name}\n\n${scenario.asks}\n\n${tableOf(head, rows)}`;
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

interface Measured {
  readonly own: readonly Round[];
  /** The bare proxy's. */
  readonly base: readonly Round[];
  readonly first: number;
}

function rowOf(race: Race, name: Contender, { own, base, first }: Measured): string[] {
  const cpuOf = (rounds: readonly Round[]) => rounds.map(({ cpuMsPer1000 }) => cpuMsPer1000);
  const ratio = ratiosOf(cpuOf(own), cpuOf(base));
  const target = targetOf(race.name, name);
  return [
    titleOf[name],
    spreadText(spreadOf(cpuOf(own))),
    name === 'proxy' ? '1' : spreadText(ratio),
    target.ratio === undefined ? '' : verdict(ratio.median, target.ratio),
    figure(meanOf(own.map(({ callsPer1000 }) => callsPer1000))),
    figure(first),
    target.firstCalls === undefined ? '' : verdict(first, target.firstCalls),
    spreadText(spreadOf(own.map(({ p50Ms }) => p50Ms))),
    spreadText(spreadOf(own.map(({ p99Ms }) => p99Ms))),
  ];
}
