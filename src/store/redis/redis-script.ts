import { hash } from 'node:crypto';

/** A Lua script, which Redis runs atomically. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/**
 * The time in milliseconds: Redis's, or the argument if it is not empty. Replicas' clocks differ,
 * so scripts take and return durations relative to this time, never a replica's time.
 */
const prelude = `
local function timeOf(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Deletes a key of another type, which every command would refuse.
local function isOfType(key, type)
  local stored = redis.call('TYPE', key).ok
  if stored == type then return true end
  if stored ~= 'none' then redis.call('DEL', key) end
  return false
end
`;

export function scriptOf(body: string): Script {
  const lua = prelude + body;
  return { lua, sha: hash('sha1', lua) };
}

/** The keys of one deployment in Redis, and the clock of its scripts. */
export interface Keyspace {
  /**
   * Begins every key. Contains a version, so that a release reads no keys of an incompatible one.
   */
  readonly prefix: string;
  /** Replaces Redis's time, in tests. */
  readonly now?: (() => number) | undefined;
}

/** Contains the upstream: deployments with other upstreams may use the same Redis. */
export const prefixOf = (upstream: URL): string =>
  `enviaai:2:${hash('sha256', upstream.href).slice(0, 12)}`;

/** The list of replicas, by the time of their last heartbeat. */
export const replicasKeyOf = (prefix: string): string => `${prefix}:replicas`;

/** The argument of `timeOf`. */
export const timeArgument = ({ now }: Pick<Keyspace, 'now'>): string => (now ? String(now()) : '');

/** A script's reply as numbers. */
export function numbersOf(reply: unknown): readonly number[] {
  if (!Array.isArray(reply)) throw new TypeError('The reply of Redis is not a list');
  return reply.map(Number);
}
