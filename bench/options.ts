import { parseArgs } from 'node:util';

export interface Options {
  /** The parts to run, by their names. */
  readonly chosen: readonly string[];
  readonly rounds: number;
  readonly roundMs: number;
  /** CPU profiles of this server in place of tables. */
  readonly profile: boolean;
}

export type Parsed =
  | { readonly options: Options }
  | { readonly help: string; readonly wrong: boolean };

export const defaults = { rounds: 5, roundMs: 400 };

const usage = (names: readonly string[]) => `npm run bench -- [options]

  --only <text>    the parts with this in their names; may be given more than once
  --rounds <n>     rounds of each figure, 1 to 100; ${defaults.rounds} if left out
  --round-ms <n>   how long one server is asked in a round, 50 to 60000; ${defaults.roundMs} if left out
  --profile        write CPU profiles of this server in the chosen scenarios, and measure nothing
  --help           this

One figure quickly:  npm run bench -- --only 'list of 50, unchanged' --rounds 1

Parts:
${names.map((name) => `  ${name}`).join('\n')}
`;

/** Reads the command line; all of it that is wrong is told together. */
export function parseOptions(args: readonly string[], names: readonly string[]): Parsed {
  const problems: string[] = [];
  const { values, unknown } = split(args);
  problems.push(...unknown);
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
  if (problems.length > 0)
    return { help: `${problems.join('\n')}\n\n${usage(names)}`, wrong: true };

  const chosen = names.filter((name) => only.length === 0 || only.some((text) => has(name, text)));
  return { options: { chosen, rounds, roundMs, profile: values.profile ?? false } };
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
  profile: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function split(args: readonly string[]) {
  const config = { args: [...args], options: known, allowPositionals: true } as const;
  const { tokens } = parseArgs({ ...config, strict: false, tokens: true });
  const unknown = tokens.flatMap((token) => {
    if (token.kind === 'positional') return [`There is nothing to do with "${token.value}"`];
    if (token.kind !== 'option') return [];
    if (!Object.hasOwn(known, token.name)) return [`There is no option ${token.rawName}`];
    const needsValue = known[token.name as keyof typeof known].type === 'string';
    if (needsValue === (token.value === undefined)) {
      return [`${token.rawName} takes ${needsValue ? 'a value' : 'no value'}`];
    }
    return [];
  });
  return {
    values: unknown.length > 0 ? {} : parseArgs({ ...config, strict: true }).values,
    unknown,
  };
}
