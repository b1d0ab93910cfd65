import { cpus } from 'node:os';
import process from 'node:process';
import {
  type Comparison,
  comparisons,
  defaultConnections,
  withoutBaselines,
} from './comparisons.ts';
import { type Options, parseOptions } from './options.ts';
import { otherParts } from './parts.ts';
import { runProfiles } from './profile.ts';
import { logProgress } from './progress.ts';
import { readmeTable } from './readme-table.ts';
import { type Compared, comparisonSection, runComparisons } from './run-comparisons.ts';
import { createServerPool } from './server-pool.ts';
import { stopAll } from './servers/fleet.ts';
import { wrapped } from './table.ts';

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
  print(await runProfiles(chosen));
} else {
  const pool = createServerPool();
  const results = new Map<Comparison, Compared>();
  const toCompare = options.ours ? chosen.map(withoutBaselines) : chosen;
  for await (const [comparison, compared] of runComparisons(pool, toCompare, options)) {
    results.set(comparison, compared);
    print(comparisonSection(comparison, compared));
  }
  for (const [name, run] of otherParts) {
    if (!options.chosen.includes(name)) continue;
    logProgress(name);
    print(await run(options, pool));
  }
  await pool.stop();
  print(wrapped(footnote(options)));
  if (results.size > 0) print(`README.md:\n\n${readmeTable(results)}`);
  logProgress('done');
}

function print(section: string): void {
  process.stdout.write(`${section}\n\n`);
}

function footnote({ rounds, roundMs }: Options): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.versions.node}`;
  return `Medians of ${rounds} rounds of up to ${roundMs} ms (± their median deviation), the servers in turn, each in a separate process, over loopback, ${defaultConnections} connections unless stated; this server with its default log, to a file. ${machine}.`;
}
