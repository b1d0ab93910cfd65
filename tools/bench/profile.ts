import { mkdir, readFile } from 'node:fs/promises';
import type { Profiler } from 'node:inspector';
import { join, relative } from 'node:path';
import process from 'node:process';
import { preparedKeys } from './comparison-keys.ts';
import type { Comparison } from './comparisons.ts';
import { createMeasurement, type Measurement } from './measurement.ts';
import { profileSharesOf, type Share } from './profile-shares.ts';
import { logProgress } from './progress.ts';
import { type ServerName, startSandbox, startTestedServer, titleOf } from './servers.ts';
import { createFleet } from './servers/fleet.ts';
import { tableOf } from './table.ts';

const folder = join(import.meta.dirname, 'profiles');
const profiledMs = 3000;
const maxRows = 12;

/**
 * Writes a CPU profile of this server for each comparison, and returns a Markdown summary of each.
 */
export async function runProfiles(comparisons: readonly Comparison[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  const fleet = createFleet();
  try {
    const sandbox = await startSandbox(fleet, 1000);
    const sections: string[] = [];
    for (const comparison of comparisons) {
      for (const name of comparison.serverNames.filter(isOurs)) {
        logProgress(`${comparison.name}, ${name}`);
        // A new process for each profile: V8 has optimized nothing for an earlier scenario.
        const tested = await startTestedServer(fleet, sandbox, name);
        const { scenario, connections } = comparison;
        const keys = await preparedKeys(sandbox, comparison, name);
        const shared = { tested, sandbox, scenario, keys, connections };
        const measurement = createMeasurement({ ...shared, roundMs: profiledMs });
        const file = `${comparison.name.replaceAll(/\W+/g, '-')}-${name}.cpuprofile`;
        const summary = await profiled(measurement, join(folder, file));
        sections.push(`### ${comparison.name}: ${titleOf[name]}\n\n${summary}`);
      }
    }
    return sections.join('\n\n');
  } finally {
    await fleet.stop();
  }
}

async function profiled(measurement: Measurement, file: string): Promise<string> {
  await measurement.warmUp();
  await measurement.tested.server.profiled(file, () => measurement.run(profiledMs));
  await measurement.close();
  const profile = JSON.parse(await readFile(file, 'utf8')) as Profiler.Profile;
  const { functions, places } = profileSharesOf(profile, process.cwd());
  return [
    relative(process.cwd(), file),
    tableOf(['place', 'share of CPU time'], rowsOf(places)),
    tableOf(['function', 'share of CPU time'], rowsOf(functions)),
  ].join('\n\n');
}

const isOurs = (name: ServerName): boolean => name === 'warm' || name === 'fetched';

const rowsOf = (shares: readonly Share[]): string[][] =>
  shares.slice(0, maxRows).map(({ name, share }) => [name, `${(share * 100).toFixed(1)} %`]);
