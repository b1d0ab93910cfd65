import { cpus } from 'node:os';
import process from 'node:process';
import { createField, type Field } from './field.ts';
import { growthOfKeys, growthOfRows, runGrowth } from './growth.ts';
import { runLatency } from './latency.ts';
import { runLimited } from './limited.ts';
import { runRaces } from './operations.ts';
import { type Options, parseOptions } from './options.ts';
import { say } from './progress.ts';
import { runProfiles } from './profile.ts';
import { oursIn, races } from './races.ts';
import { runReplicas } from './replicas.ts';
import { runStartup } from './startup.ts';
import { stopAll } from './servers/fleet.ts';
import { runSteady } from './steady.ts';

type Part = (options: Options, field: Field) => Promise<string>;

/** The parts beside the races. */
const others: ReadonlyMap<string, Part> = new Map<string, Part>([
  ['steady load', runSteady],
  ['64 connections', runLatency],
  ['50 a minute', runLimited],
  [growthOfRows.name, (options) => runGrowth(growthOfRows, options)],
  [growthOfKeys.name, (options) => runGrowth(growthOfKeys, options)],
  ['process', runStartup],
  ['two replicas', runReplicas],
]);

const raceNames = races.map(({ name }) => name);
const parsed = parseOptions(process.argv.slice(2), [...raceNames, ...others.keys()], raceNames);
if ('help' in parsed) {
  (parsed.wrong ? process.stderr : process.stdout).write(parsed.help);
  process.exit(parsed.wrong ? 1 : 0);
}
const { options } = parsed;
process.once('exit', stopAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const chosen = races.filter(({ name }) => options.chosen.includes(name));
if (options.profile) {
  print(await runProfiles(chosen));
} else {
  const field = createField();
  const run = options.ours ? chosen.map(oursIn) : chosen;
  for await (const section of runRaces(field, run, options)) print(section);
  for (const [name, part] of others) {
    if (!options.chosen.includes(name)) continue;
    say(name);
    print(await part(options, field));
  }
  await field.stop();
  print(footnote(options));
}

function print(section: string): void {
  process.stdout.write(`${section}\n\n`);
}

function footnote({ rounds, roundMs }: Options): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.versions.node}`;
  return `Medians of ${rounds} rounds of about ${roundMs} ms (± their median deviation), the servers in turn, each in its own process, over loopback. ${machine}.`;
}
