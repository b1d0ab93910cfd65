import { type Course, createCourse, firstCalls, measureInTurn, type Round } from './measure.ts';
import type { Options } from './options.ts';
import { say } from './progress.ts';
import type { Race } from './races.ts';
import { connections } from './scenarios.ts';
import {
  type Contender,
  type Contestant,
  startContestant,
  startSandbox,
  titleOf,
} from './servers.ts';
import { createFleet, type Served } from './servers/fleet.ts';
import { meanOf, ratiosOf, spreadOf } from './statistics.ts';
import { figure, spreadText, tableOf } from './table.ts';
import { targetOf, verdict } from './targets.ts';

/** Each operation of the mixed ones once. */
const firstKeys = 10;
const againMs = 150;

interface Field {
  readonly sandbox: Served;
  readonly contestants: ReadonlyMap<Contender, Contestant>;
}

/** The races, each a Markdown section: every server asked the same, in turn, round by round. */
export async function runOperations(races: readonly Race[], options: Options): Promise<string> {
  const fleet = createFleet();
  try {
    const sandbox = await startSandbox(fleet, 1000);
    const names = new Set(races.flatMap((race) => race.contenders));
    const contestants = new Map<Contender, Contestant>();
    for (const name of names) contestants.set(name, await startContestant(fleet, sandbox, name));
    const field = { sandbox, contestants };

    const courses = new Map<Race, readonly Course[]>();
    for (const race of races) {
      say(`${race.name}: warming up`);
      courses.set(race, await coursesOf(field, race, options));
      for (const course of courses.get(race) ?? []) await course.warmUp();
    }
    const sections: string[] = [];
    for (const race of races) {
      say(race.name);
      sections.push(await sectionOf(field, race, courses.get(race) ?? [], options));
    }
    return sections.join('\n\n');
  } finally {
    await fleet.stop();
  }
}

/** The keys that a server is asked with in a race. */
export function keysOf(race: Race, name: Contender): readonly string[] {
  const { keys, keysIfFetched } = race.scenario;
  return namedKeys(race, name, name === 'fetched' ? keysIfFetched : keys);
}

const namedKeys = (race: Race, prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}-${race.name.replaceAll(/\W/g, '-')}-${at}`);

export const prepareKeys = (
  sandbox: Served,
  { scenario, changing }: Race,
  keys: readonly string[],
): Promise<void> => sandbox.prepare(keys.map((key) => ({ key, rows: scenario.rows, changing })));

async function coursesOf(field: Field, race: Race, { roundMs }: Options): Promise<Course[]> {
  const { scenario } = race;
  const courses: Course[] = [];
  for (const contestant of contestantsOf(field, race)) {
    const keys = keysOf(race, contestant.name);
    await prepareKeys(field.sandbox, race, keys);
    courses.push(createCourse({ ...field, contestant, scenario, keys, connections, roundMs }));
  }
  return courses;
}

const contestantsOf = ({ contestants }: Field, race: Race): Contestant[] =>
  race.contenders.flatMap((name) => contestants.get(name) ?? []);

async function sectionOf(
  field: Field,
  race: Race,
  courses: readonly Course[],
  { rounds }: Options,
): Promise<string> {
  // After the other races, once more to get used to this one.
  for (const course of courses) await course.run(againMs);
  const measured = new Map(
    [...(await measureInTurn(courses, rounds))].map(([{ contestant }, own]) => [
      contestant.name,
      own,
    ]),
  );
  for (const course of courses) await course.close();

  const rows: string[][] = [];
  for (const contestant of contestantsOf(field, race)) {
    const keys = namedKeys(race, `first-${contestant.name}`, firstKeys);
    await prepareKeys(field.sandbox, race, keys);
    const first = await firstCalls({
      ...field,
      scenario: race.scenario,
      contestant,
      keys,
    });
    rows.push(rowOf(race, contestant.name, measured, first));
  }
  return `### ${race.name}\n\n${race.scenario.asks}\n\n${tableOf(head, rows)}`;
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

function rowOf(
  race: Race,
  name: Contender,
  measured: ReadonlyMap<Contender, readonly Round[]>,
  first: number,
): string[] {
  const own = measured.get(name) ?? [];
  const cpuOf = (rounds: readonly Round[]) => rounds.map(({ cpuMsPer1000 }) => cpuMsPer1000);
  const ratio = ratiosOf(cpuOf(own), cpuOf(measured.get('proxy') ?? []));
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
