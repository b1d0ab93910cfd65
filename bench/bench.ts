import { cpus } from 'node:os';
import process from 'node:process';
import { runOperations } from './operations.ts';
import { type Options, parseOptions } from './options.ts';
import { say } from './progress.ts';
import { races } from './races.ts';
import { stopAll } from './servers/fleet.ts';

/** The parts beside the races. */
const others: ReadonlyMap<string, (options: Options) => Promise<string>> = new Map();

const parsed = parseOptions(process.argv.slice(2), [
  ...races.map(({ name }) => name),
  ...others.keys(),
]);
if ('help' in parsed) {
  (parsed.wrong ? process.stderr : process.stdout).write(parsed.help);
  process.exit(parsed.wrong ? 1 : 0);
}
const { options } = parsed;
process.once('exit', stopAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const chosen = races.filter(({ name }) => options.chosen.includes(name));
if (chosen.length > 0) print(await runOperations(chosen, options));
for (const [name, run] of others) {
  if (!options.chosen.includes(name)) continue;
  say(name);
  print(await run(options));
}
print(footnote(options));

function print(section: string): void {
  process.stdout.write(`${section}\n\n`);
}

function footnote({ rounds, roundMs }: Options): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.versions.node}`;
  return `Medians of ${rounds} rounds of about ${roundMs} ms (least–most), the servers in turn, each in its own process, over loopback. ${machine}.`;
}
