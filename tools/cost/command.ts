import { globSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ConfigError, parseConfig } from '#src/config/config.ts';
import { costOf, type DocumentText, type Problem } from './cost.ts';

const help = `Prints the worst-case requests to EnviaAI of each operation in these documents.

Usage: enviaai-graphql cost [options] <documents>

Documents are files, folders (all .graphql and .gql files in them) or quoted patterns.

  --instances <number>  instances of the account (default: ASSUMED_INSTANCES, else 1000)
  --limit <number>      requests that one operation may cost (default: MAX_UPSTREAM_CALLS, else 25)
  --ids <number>        length of lists of ids that are variables (default: MAX_IDS, else 1000)
  --help                print this text

Exit code 1: an operation may cost more than the limit. Exit code 2: the cost cannot be computed.
`;

const options = {
  instances: { type: 'string' },
  limit: { type: 'string' },
  ids: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Prints the cost of the documents that `args` name, and sets the exit code. `defaultNames`: the
 * documents if `args` name none.
 */
export function runCost(args: readonly string[], defaultNames: readonly string[] = []): void {
  try {
    process.exitCode = exitCodeOf(args, defaultNames);
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [messageOf(error)];
    process.stderr.write(problems.map((problem) => `${problem}\n`).join(''));
    process.exitCode = 2;
  }
}

function exitCodeOf(args: readonly string[], defaultNames: readonly string[]): 0 | 1 | 2 {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const { limits, ratePerMinute } = settings();
  const instances = wholeNumber('instances', values.instances, limits.assumedInstances);
  const limit = wholeNumber('limit', values.limit, limits.upstreamCalls);
  const ids = wholeNumber('ids', values.ids, limits.ids);
  const names = positionals.length > 0 ? positionals : defaultNames;
  if (names.length === 0) throw new Error('Name documents: files, folders or quoted patterns');

  const { operations, problems } = costOf(documentsOf(names), { instances, ids });
  if (problems.length > 0) {
    process.stderr.write(problems.map((problem) => `${lineOf(problem)}\n`).join(''));
    return 2;
  }
  if (operations.length === 0) throw new Error('These documents contain no operation');

  for (const { operation, document, calls } of operations) {
    const excess = calls > limit ? `, more than ${limit}` : '';
    process.stdout.write(
      `${operation ?? document}: at most ${calls} of ${ratePerMinute} a minute${excess}\n`,
    );
  }
  process.stdout.write(
    `For an account of ${instances} instances and an empty cache; for variables that are a cursor, 100 rows and ${ids} ids.\n`,
  );
  return operations.every(({ calls }) => calls <= limit) ? 0 : 1;
}

/**
 * The server's configuration, from the variables used here; the others may belong to another
 * program.
 */
function settings() {
  const names = ['ASSUMED_INSTANCES', 'MAX_UPSTREAM_CALLS', 'MAX_IDS', 'ENVIAAI_RATE_PER_MINUTE'];
  return parseConfig(Object.fromEntries(names.map((name) => [name, process.env[name]])));
}

function wholeNumber(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^[1-9]\d{0,6}$/.test(text)) {
    throw new Error(`--${flag} must be a whole number from 1 to 9999999`);
  }
  return Number(text);
}

/** Each name is a file, a folder with documents, or a pattern. */
function documentsOf(names: readonly string[]): readonly DocumentText[] {
  const paths = names.flatMap((name) => {
    const found = pathsOf(name).toSorted();
    if (found.length === 0) throw new Error(`${name}: no document found`);
    return found;
  });
  return [...new Set(paths)].map((path) => ({ name: path, text: readFileSync(path, 'utf8') }));
}

/** An existing path is not a pattern, even if it looks like one: routers name folders "[id]". */
function pathsOf(name: string): readonly string[] {
  const stats = statSync(name, { throwIfNoEntry: false });
  if (stats?.isFile()) return [name];
  const exclude = (path: string) => basename(path) === 'node_modules';
  if (!stats?.isDirectory()) return globSync(name, { exclude });
  const found = globSync('**/*.{graphql,gql}', { cwd: name, exclude });
  return found.map((path) => join(name, path));
}

const lineOf = ({ document, line, column, message }: Problem): string =>
  [document, ...(line === null ? [] : [line, column])].join(':') + `: ${message}`;

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
