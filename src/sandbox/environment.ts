import type { SandboxOptions } from './sandbox.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type ParsedEnvironment =
  | { readonly options: Required<Omit<SandboxOptions, 'now' | 'setTimer'>> }
  | { readonly problems: readonly string[] };

/**
 * The sandbox's options, or one line for each wrong variable. An empty variable counts as absent.
 */
export function parseEnvironment(env: Environment): ParsedEnvironment {
  const problems: string[] = [];
  const number = (name: string, fallback: number, from: number, to: number): number => {
    const text = env[name] || String(fallback);
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= from && value <= to) return value;
    problems.push(`${name} must be a whole number from ${from} to ${to}.`);
    return fallback;
  };
  const options = {
    port: number('PORT', 4010, 0, 65_535),
    host: env['HOST'] || '127.0.0.1',
    instances: number('SANDBOX_INSTANCES', 3, 0, 100_000),
    ratePerMinute: number('SANDBOX_RATE_PER_MINUTE', 50, 1, 1_000_000),
  };
  return problems.length > 0 ? { problems } : { options };
}
