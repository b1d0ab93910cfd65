import { cpus } from 'node:os';
import process from 'node:process';
import { comparisons, withoutBaselines } from './comparisons.ts';
import { growthOfKeys, growthOfRows, runGrowth } from './growth.ts';
import { runLatency } from './latency.ts';
import { runLimited } from './limited.ts';
import { type Options, parseOptions } from './options.ts';
import { runProfiles } from './profile.ts';
import { logProgress } from './progress.ts';
import { runReplicas } from './replicas.ts';
import { runComparisons } from './run-comparisons.ts';
import { createServerPool, type ServerPool } from './server-pool.ts';
import { stopAll } from './servers/fleet.ts';
import { runStartup } from './startup.ts';
import { runSteady } from './steady.ts';

type Part = (options: Options, pool: ServerPool) => Promise<string>;

/** The parts that are not comparisons. */
const otherParts: ReadonlyMap<string, Part> = new Map<string, Part>([
  ['steady load', runSteady],
  ['64 connections', runLatency],
  ['50 a minute', runLimited],
  [growthOfRows.name, (options) => runGrowth(growthOfRows, options)],
  [growthOfKeys.name, (options) => runGrowth(growthOfKeys, options)],
  ['process', runStartup],
  ['two replicas', runReplicas],
]);

const comparisonNames = comparisons.map(({ name }) => name);
const parsed = parseOptions(
  process.argv.slice(2),
  [...comparisonNames, ...otherParts.keys()],
  comparisonNames,
);
if ('help' in parsed) {
  (parsed.isError ? process.stderr : process.stdout).write(parsed.help);
  process.exit(parsed.isError ? 1 : 0);
}
const { options } = parsed;
process.once('exit', stopAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const chosen = comparisons.filter(({ name }) => options.chosen.includes(name));
if (options.profile) {
  print(await runProfiles(chosen, options));
} else {
  const pool = createServerPool(options);
  const compared = options.ours ? chosen.map(withoutBaselines) : chosen;
  for await (const section of runComparisons(pool, compared, options)) print(section);
  for (const [name, run] of otherParts) {
    if (!options.chosen.includes(name)) continue;
    logProgress(name);
    print(await run(options, pool));
  }
  await pool.stop();
  print(footnote(options));
}

function print(section: string): void {
  process.stdout.write(`${section}\n\n`);
}

function footnote({ rounds, roundMs, log }: Options): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.versions.node}`;
  const logged = log ? 'with its default log, to a file' : 'with its log off';
  return `Medians of ${rounds} rounds of about ${roundMs} ms (± their median deviation), the servers in turn, each in a separate process, over loopback; this server ${logged}. ${machine}.`;
}
