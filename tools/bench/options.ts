import { parseArgs } from 'node:util';

export interface Options {
  /** The parts to run, by their names. */
  readonly chosen: readonly string[];
  readonly rounds: number;
  readonly roundMs: number;
  /** The bare proxy and this server alone. */
  readonly ours: boolean;
  /** CPU profiles of this server in place of tables. */
  readonly profile: boolean;
}

export type Parsed =
  | { readonly options: Options }
  | { readonly help: string; readonly wrong: boolean };

export const defaults = { rounds: 5, roundMs: 200 };

const usage = (names: readonly string[]) => `npm run bench -- [options]

  --only <text>    the parts with this in their names; may be given more than once
  --rounds <n>     rounds of each figure, 1 to 100; ${defaults.rounds} if left out
  --round-ms <n>   how long one server is asked in a round, 50 to 60000; ${defaults.roundMs} if left out
  --ours           the bare proxy and this server alone
  --profile        write CPU profiles of this server in the chosen scenarios, and measure nothing
  --help           this

One figure quickly:  npm run bench -- --only 'list of 50, unchanged' --ours --rounds 3

Parts:
${names.map((name) => `  ${name}`).join('\n')}
`;

/** Reads the command line; all of it that is wrong is told together. `profilable` are some of the names. */
export function parseOptions(
  args: readonly string[],
  names: readonly string[],
  profilable: readonly string[] = names,
): Parsed {
  const { values, problems } = read(args);
  if (values.help) return { help: usage(names), wrong: false };

  const number = (option: string, text: string | undefined, limits: Limits): number => {
    if (text === undefined) return limits.unless;
    const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= limits.from && value <= limits.to) return value;
    problems.push(`--${option} takes a whole number from ${limits.from} to ${limits.to}`);
    return limits.unless;
  };
  const rounds = number('rounds', values.rounds, { from: 1, to: 100, unless: defaults.rounds });
  const roundMs = number('round-ms', values['round-ms'], {
    from: 50,
    to: 60_000,
    unless: defaults.roundMs,
  });
  const only = values.only ?? [];
  const has = (name: string, text: string) => name.toLowerCase().includes(text.toLowerCase());
  for (const text of only) {
    if (!names.some((name) => has(name, text))) problems.push(`No part has "${text}" in its name`);
  }
  const profile = values.profile ?? false;
  const chosen = names.filter(
    (name) =>
      (only.length === 0 || only.some((text) => has(name, text))) &&
      (!profile || profilable.includes(name)),
  );
  if (profile && chosen.length === 0)
    problems.push('--profile is for scenarios, and none is chosen');
  if (problems.length > 0) {
    return { help: `${problems.join('\n')}\n\n${usage(names)}`, wrong: true };
  }
  return { options: { chosen, rounds, roundMs, ours: values.ours ?? false, profile } };
}

interface Limits {
  readonly from: number;
  readonly to: number;
  readonly unless: number;
}

const known = {
  only: { type: 'string', multiple: true },
  rounds: { type: 'string' },
  'round-ms': { type: 'string' },
  ours: { type: 'boolean' },
  profile: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** What can be read, and a line for each thing that cannot. */
function read(args: readonly string[]) {
  const { tokens } = parseArgs({
    args: [...args],
    options: known,
    strict: false,
    tokens: true,
  });
  const good: string[] = [];
  const problems: string[] = [];
  for (const token of tokens) {
    const problem = problemOf(token);
    if (problem === undefined) good.push(...wordsOf(token));
    else problems.push(problem);
  }
  return { values: parseArgs({ args: good, options: known }).values, problems };
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];

function problemOf(token: Token): string | undefined {
  if (token.kind === 'positional') return `There is nothing to do with "${token.value}"`;
  if (token.kind !== 'option') return undefined;
  const type = Object.hasOwn(known, token.name) && known[token.name as keyof typeof known].type;
  if (!type) return `There is no option ${token.rawName}`;
  if ((type === 'string') === (token.value !== undefined)) return undefined;
  return `${token.rawName} takes ${type === 'string' ? 'a value' : 'no value'}`;
}

const wordsOf = (token: Token): string[] => {
  if (token.kind !== 'option') return [];
  return [token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`];
};
