import type { Env } from '#src/config/config.ts';
import type { Protocol } from './client.ts';
import type { Fleet, ServerProcess } from './servers/fleet.ts';

export const serverNames = [
  'proxy',
  'usual',
  'mercurius',
  'warm',
  'warmSilent',
  'fetched',
  'fetchedSilent',
] as const;
export type ServerName = (typeof serverNames)[number];

/** The name of each server in the tables. */
export const titleOf: Readonly<Record<ServerName, string>> = {
  proxy: 'the bare proxy',
  usual: 'Yoga, as usual',
  mercurius: 'Mercurius, compiled',
  warm: 'this server, rows cached',
  warmSilent: 'this server, rows cached, log off',
  fetched: 'this server, every page fetched',
  fetchedSilent: 'this server, every page fetched, log off',
};

export interface TestedServer {
  readonly name: ServerName;
  readonly server: ServerProcess;
  readonly protocol: Protocol;
}

const unlimited = 10_000_000;

export const startSandbox = (fleet: Fleet, instances: number, ratePerMinute = unlimited) =>
  fleet.start('sandbox', { instances, ratePerMinute });

/** Starts an EnviaAI whose answers take a while. */
export const startVendor = (fleet: Fleet, instances: number) =>
  fleet.start('vendor', { instances, ratePerMinute: unlimited });

/**
 * Starts this server in its default configuration, with a budget that it cannot spend. `env`
 * overrides.
 */
export const startOurs = (fleet: Fleet, sandbox: ServerProcess, env: Env = {}) =>
  fleet.start('ours', {
    ENVIAAI_BASE_URL: sandbox.url,
    ENVIAAI_RATE_PER_MINUTE: String(unlimited),
    ...env,
  });

const fetched = { FRESH_MS: '0' };
const silent = { LOG_LEVEL: 'silent' };

const starts: Readonly<
  Record<ServerName, (fleet: Fleet, sandbox: ServerProcess, env: Env) => Promise<ServerProcess>>
> = {
  proxy: (fleet, { url }) => fleet.start('proxy', { upstream: url }),
  usual: (fleet, { url }) => fleet.start('usual', { upstream: url }),
  mercurius: (fleet, { url }) => fleet.start('mercurius', { upstream: url }),
  warm: startOurs,
  warmSilent: (fleet, sandbox, env) => startOurs(fleet, sandbox, { ...env, ...silent }),
  fetched: (fleet, sandbox, env) => startOurs(fleet, sandbox, { ...env, ...fetched }),
  fetchedSilent: (fleet, sandbox, env) =>
    startOurs(fleet, sandbox, { ...env, ...fetched, ...silent }),
};

/** `env` configures this server only; the others ignore it. */
export async function startTestedServer(
  fleet: Fleet,
  sandbox: ServerProcess,
  name: ServerName,
  env: Env = {},
): Promise<TestedServer> {
  const server = await starts[name](fleet, sandbox, env);
  return { name, server, protocol: name === 'proxy' ? 'rest' : 'graphql' };
}
