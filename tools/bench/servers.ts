import type { Env } from '#src/config/config.ts';
import type { Speaks } from './client.ts';
import type { Fleet, Served } from './servers/fleet.ts';

export const contenders = ['proxy', 'usual', 'mercurius', 'warm', 'fetched'] as const;
export type Contender = (typeof contenders)[number];

/** What the tables call each. */
export const titleOf: Readonly<Record<Contender, string>> = {
  proxy: 'the bare proxy',
  usual: 'Yoga, as usual',
  mercurius: 'Mercurius, compiled',
  warm: 'this server, warm',
  fetched: 'this server, every page fetched',
};

export interface Contestant {
  readonly name: Contender;
  readonly server: Served;
  readonly speaks: Speaks;
}

const unlimited = 10_000_000;

export const startSandbox = (fleet: Fleet, instances: number, ratePerMinute = unlimited) =>
  fleet.start('sandbox', { instances, ratePerMinute });

/** This server, with a budget that it does not reach unless `env` says otherwise. */
export const startOurs = (fleet: Fleet, sandbox: Served, env: Env = {}) =>
  fleet.start('ours', {
    ENVIAAI_BASE_URL: sandbox.url,
    ENVIAAI_RATE_PER_MINUTE: String(unlimited),
    ...env,
  });

const starts: Readonly<
  Record<Contender, (fleet: Fleet, sandbox: Served, env: Env) => Promise<Served>>
> = {
  proxy: (fleet, { url }) => fleet.start('proxy', { upstream: url }),
  usual: (fleet, { url }) => fleet.start('usual', { upstream: url }),
  mercurius: (fleet, { url }) => fleet.start('mercurius', { upstream: url }),
  warm: startOurs,
  fetched: (fleet, sandbox, env) => startOurs(fleet, sandbox, { ...env, FRESH_MS: '0' }),
};

/** `env` is for this server alone. */
export async function startContestant(
  fleet: Fleet,
  sandbox: Served,
  name: Contender,
  env: Env = {},
): Promise<Contestant> {
  const server = await starts[name](fleet, sandbox, env);
  return { name, server, speaks: name === 'proxy' ? 'rest' : 'graphql' };
}
