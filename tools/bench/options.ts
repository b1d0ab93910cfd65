import { parseArgs } from 'node:util';

export interface Options {
  /** Names of the parts to run. */
  readonly chosen: readonly string[];
  readonly rounds: number;
  readonly roundMs: number;
  /** Only the bare proxy and this server. */
  readonly ours: boolean;
  /** Write CPU profiles of this server instead of tables. */
  readonly profile: boolean;
}

export type Parsed =
  | { readonly options: Options }
  /** The text to print. `isError`: because the command line is wrong. */
  | { readonly help: string; readonly isError: boolean };

export const defaults = { rounds: 5, roundMs: 1500 };

const usage = (names: readonly string[]) => `npm run bench -- [options]

  --only <text>    run the parts whose names contain this text; may be given more than once
  --rounds <n>     rounds of each measurement, 1 to 100 (default ${defaults.rounds})
  --round-ms <n>   duration of a round, 50 to 60000 ms (default ${defaults.roundMs})
  --ours           measure only the bare proxy and this server
  --profile        write CPU profiles of this server in the chosen scenarios; measure nothing
  --help           print this text

Measure one scenario in a few seconds:
  npm run bench -- --only 'list of 10' --ours --rounds 3 --round-ms 500

Parts:
${names.map((name) => `  ${name}`).join('\n')}
`;

/**
 * Parses the command line. All mistakes are reported together. `profilable` are the names of the
 * parts that `--profile` supports.
 */
export function parseOptions(
  args: readonly string[],
  names: readonly string[],
  profilable: readonly string[] = names,
): Parsed {
  const { values, problems } = readArgs(args);
  if (values.help) return { help: usage(names), isError: false };

  const number = (option: string, text: string | undefined, limits: Limits): number => {
    if (text === undefined) return limits.default;
    const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= limits.min && value <= limits.max) return value;
    problems.push(`--${option} takes a whole number from ${limits.min} to ${limits.max}`);
    return limits.default;
  };
  const rounds = number('rounds', values.rounds, { min: 1, max: 100, default: defaults.rounds });
  const roundMs = number('round-ms', values['round-ms'], {
    min: 50,
    max: 60_000,
    default: defaults.roundMs,
  });
  const only = values.only ?? [];
  const has = (name: string, text: string) => name.toLowerCase().includes(text.toLowerCase());
  for (const text of only) {
    if (!names.some((name) => has(name, text))) problems.push(`No part has "${text}" in its name`);
  }
  const { ours = false, profile = false } = values;
  const chosen = names.filter(
    (name) =>
      (only.length === 0 || only.some((text) => has(name, text))) &&
      (!profile || profilable.includes(name)),
  );
  if (profile && chosen.length === 0) {
    problems.push('--profile needs a scenario, and no scenario is chosen');
  }
  if (problems.length > 0) {
    return { help: `${problems.join('\n')}\n\n${usage(names)}`, isError: true };
  }
  return { options: { chosen, rounds, roundMs, ours, profile } };
}

interface Limits {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

const known = {
  only: { type: 'string', multiple: true },
  rounds: { type: 'string' },
  'round-ms': { type: 'string' },
  ours: { type: 'boolean' },
  profile: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** The values of the correct arguments, and a line for each wrong one. */
function readArgs(args: readonly string[]) {
  const { tokens } = parseArgs({
    args: [...args],
    options: known,
    strict: false,
    tokens: true,
  });
  const correct: string[] = [];
  const problems: string[] = [];
  for (const token of tokens) {
    const problem = problemOf(token);
    if (problem === undefined) correct.push(...argsOf(token));
    else problems.push(problem);
  }
  return { values: parseArgs({ args: correct, options: known }).values, problems };
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];

function problemOf(token: Token): string | undefined {
  if (token.kind === 'positional') return `Unexpected argument "${token.value}"`;
  if (token.kind !== 'option') return undefined;
  const type = Object.hasOwn(known, token.name) && known[token.name as keyof typeof known].type;
  if (!type) return `There is no option ${token.rawName}`;
  if ((type === 'string') === (token.value !== undefined)) return undefined;
  return `${token.rawName} takes ${type === 'string' ? 'a value' : 'no value'}`;
}

const argsOf = (token: Token): string[] => {
  if (token.kind !== 'option') return [];
  return [token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`];
};
