import type { Field } from './field.ts';
import { type Course, createCourse, measureInTurn, type Round } from './measure.ts';
import type { Options } from './options.ts';
import { listOf, type Scenario } from './scenarios.ts';
import { type Contender, titleOf } from './servers.ts';
import { spreadOf } from './statistics.ts';
import { spreadText, tableOf } from './table.ts';

const connections = 64;
const rows = 1000;
const scenario: Scenario = {
  name: 'list of 50',
  asks: '',
  rows,
  keys: 1,
  keysIfFetched: 1,
  keyAt: () => 0,
  ...listOf(rows),
};

/** How long clients wait where many ask at once. */
export async function runLatency(
  { rounds, roundMs, ours }: Options,
  field: Field,
): Promise<string> {
  const sandbox = await field.sandbox();
  const names: readonly Contender[] = ours
    ? ['proxy', 'warm']
    : ['proxy', 'usual', 'mercurius', 'warm'];
  const courses: Course[] = [];
  for (const contestant of await field.contestants(names)) {
    const given = { contestant, sandbox, scenario, keys: ['latency'], connections };
    const course = createCourse({ ...given, roundMs: roundMs * 2 });
    courses.push(course);
    await course.warmUp();
  }
  const measured = [...(await measureInTurn(courses, rounds))].map(
    ([{ contestant }, own]) => [contestant.name, own] as const,
  );
  for (const course of courses) await course.close();
  const p99Of = new Map(
    measured.map(([name, own]) => [name, spreadOf(own.map(({ p99Ms }) => p99Ms)).median]),
  );
  const body = measured.map(([name, own]) => [
    titleOf[name],
    ...cellsOf(own),
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
  ].map((measured) => spreadText(spreadOf(measured)));

function target(p99Of: ReadonlyMap<Contender, number>): string {
  const [ours = Infinity, proxy = 0] = [p99Of.get('warm'), p99Of.get('proxy')];
  return `below the proxy's${ours < proxy ? ' ✓' : ': missed'}`;
}
