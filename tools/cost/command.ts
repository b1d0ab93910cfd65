import { globSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ConfigError, parseConfig } from '#src/config/config.ts';
import { costOf, type DocumentText, type Problem } from './cost.ts';

const help = `What each operation of these documents can cost at most, in requests to EnviaAI.

Usage: enviaai-graphql cost [options] <documents>

Documents are files, folders (all .graphql and .gql in them) or patterns in quotes.

  --instances <number>  how large the account is (default: ASSUMED_INSTANCES, else 1000)
  --limit <number>      what one operation may cost (default: MAX_UPSTREAM_CALLS, else 25)
  --ids <number>        how long lists of ids are where they are variables (default: MAX_IDS, else 1000)
  --help                says this

It exits with 1 when an operation may cost more than that, and with 2 when it cannot tell.
`;

const options = {
  instances: { type: 'string' },
  limit: { type: 'string' },
  ids: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Prints what the documents cost that these arguments name, or else those; and sets the exit code. */
export function runCost(args: readonly string[], otherwise: readonly string[] = []): void {
  try {
    process.exitCode = exitCodeOf(args, otherwise);
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [messageOf(error)];
    process.stderr.write(problems.map((problem) => `${problem}\n`).join(''));
    process.exitCode = 2;
  }
}

function exitCodeOf(args: readonly string[], otherwise: readonly string[]): 0 | 1 | 2 {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const { limits, ratePerMinute } = settings();
  const instances = whole('instances', values.instances, limits.assumedInstances);
  const limit = whole('limit', values.limit, limits.upstreamCalls);
  const ids = whole('ids', values.ids, limits.ids);
  const names = positionals.length > 0 ? positionals : otherwise;
  if (names.length === 0) throw new Error('Name documents: files, folders or patterns in quotes');

  const { operations, problems } = costOf(documentsOf(names), { instances, ids });
  if (problems.length > 0) {
    process.stderr.write(problems.map((problem) => `${lineOf(problem)}\n`).join(''));
    return 2;
  }
  if (operations.length === 0) throw new Error('There is no operation in these documents');

  for (const { operation, document, calls } of operations) {
    const beyond = calls > limit ? `, more than ${limit}` : '';
    process.stdout.write(
      `${operation ?? document}: at most ${calls} of ${ratePerMinute} a minute${beyond}\n`,
    );
  }
  process.stdout.write(
    `In an account of ${instances} instances, nothing of it in memory; where variables take them, with a cursor, 100 rows and ${ids} ids.\n`,
  );
  return operations.every(({ calls }) => calls <= limit) ? 0 : 1;
}

/** The server's, by the few variables that matter here: the others may be another program's. */
function settings() {
  const read = ['ASSUMED_INSTANCES', 'MAX_UPSTREAM_CALLS', 'MAX_IDS', 'ENVIAAI_RATE_PER_MINUTE'];
  return parseConfig(Object.fromEntries(read.map((name) => [name, process.env[name]])));
}

function whole(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^[1-9]\d{0,6}$/.test(text)) {
    throw new Error(`--${flag} must be a whole number from 1 to 9999999`);
  }
  return Number(text);
}

/** The documents that these name: a file, all in a folder, or what a pattern finds. */
function documentsOf(names: readonly string[]): readonly DocumentText[] {
  const paths = names.flatMap((name) => {
    const found = pathsOf(name).toSorted();
    if (found.length === 0) throw new Error(`${name}: there is no document`);
    return found;
  });
  return [...new Set(paths)].map((path) => ({ name: path, text: readFileSync(path, 'utf8') }));
}

/** What is there by that very name is no pattern: routers call folders "[id]". */
function pathsOf(name: string): readonly string[] {
  const there = statSync(name, { throwIfNoEntry: false });
  if (there?.isFile()) return [name];
  const exclude = (path: string) => basename(path) === 'node_modules';
  if (!there?.isDirectory()) return globSync(name, { exclude });
  const found = globSync('**/*.{graphql,gql}', { cwd: name, exclude });
  return found.map((path) => join(name, path));
}

const lineOf = ({ document, line, column, message }: Problem): string =>
  [document, ...(line === null ? [] : [line, column])].join(':') + `: ${message}`;

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
