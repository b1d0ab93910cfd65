import { mkdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import process from 'node:process';
import type { Profiler } from 'node:inspector';
import { hottestOf, type Share } from './hottest.ts';
import { type Course, createCourse } from './measure.ts';
import { say } from './progress.ts';
import { preparedKeys } from './race-keys.ts';
import type { Race } from './races.ts';
import { connections } from './scenarios.ts';
import { type Contender, startContestant, startSandbox, titleOf } from './servers.ts';
import { createFleet } from './servers/fleet.ts';
import { tableOf } from './table.ts';

const folder = join(import.meta.dirname, 'profiles');
const profiledMs = 3000;
const shown = 12;

/** Writes a CPU profile of this server in each race, and tells where it is and what it shows. */
export async function runProfiles(races: readonly Race[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  const fleet = createFleet();
  try {
    const sandbox = await startSandbox(fleet, 1000);
    const sections: string[] = [];
    for (const race of races) {
      for (const name of race.contenders.filter(isOurs)) {
        say(`${race.name}, ${name}`);
        // A process for each, so that none is shaped by what another one did.
        const contestant = await startContestant(fleet, sandbox, name);
        const { scenario } = race;
        const keys = await preparedKeys(sandbox, race, name);
        const given = { contestant, sandbox, scenario, keys, connections, roundMs: profiledMs };
        const course = createCourse(given);
        const file = join(folder, `${race.name.replaceAll(/\W+/g, '-')}-${name}.cpuprofile`);
        sections.push(`### ${race.name}: ${titleOf[name]}\n\n${await profiled(course, file)}`);
      }
    }
    return sections.join('\n\n');
  } finally {
    await fleet.stop();
  }
}

async function profiled(course: Course, file: string): Promise<string> {
  await course.warmUp();
  await course.contestant.server.profiled(file, () => course.run(profiledMs));
  await course.close();
  const profile = JSON.parse(await readFile(file, 'utf8')) as Profiler.Profile;
  const { functions, places } = hottestOf(profile, process.cwd());
  return [
    relative(process.cwd(), file),
    tableOf(['place', 'of its time'], rowsOf(places)),
    tableOf(['function', 'of its time'], rowsOf(functions)),
  ].join('\n\n');
}

const isOurs = (name: Contender): boolean => name === 'warm' || name === 'fetched';

const rowsOf = (shares: readonly Share[]): string[][] =>
  shares.slice(0, shown).map(({ name, share }) => [name, `${(share * 100).toFixed(1)} %`]);
