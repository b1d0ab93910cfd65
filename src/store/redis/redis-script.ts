import { hash } from 'node:crypto';
import type { Tenant } from '#src/domain/tenant.ts';

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
  `enviaai:3:${hash('sha256', upstream.href).slice(0, 12)}`;

// In a cluster, a script may use only keys of one node. Keys with the same text in braces, the hash
// tag, are on the same node.

/** The group of the keys that are not of a tenant or a caller. */
export const commonGroup = 'all';

/**
 * The group of a tenant's keys: one of 256. A group has one hash tag, so that scripts can use keys
 * of the tenant and keys of its group.
 */
export const groupOf = (hashed: Tenant): string => hashed.slice(0, 2);

/** Begins the keys that a group shares. */
export const groupKeyOf = (prefix: string, group: string): string => `${prefix}:{${group}}`;

/** Begins the keys of a tenant, or of a caller. */
export const keyBaseOf = (prefix: string, hashed: Tenant): string =>
  `${groupKeyOf(prefix, groupOf(hashed))}:${hashed}`;

/** The group of a key. */
export const groupOfKey = (key: string | undefined): string =>
  /\{([^}]+)\}/.exec(key ?? '')?.[1] ?? commonGroup;

/** The list of replicas, by the time of their last heartbeat. */
export const replicasKeyOf = (prefix: string): string =>
  `${groupKeyOf(prefix, commonGroup)}:replicas`;

/** The argument of `timeOf`. */
export const timeArgument = ({ now }: Pick<Keyspace, 'now'>): string => (now ? String(now()) : '');

/** A script's reply as numbers. */
export function numbersOf(reply: unknown): readonly number[] {
  if (!Array.isArray(reply)) throw new TypeError('The reply of Redis is not a list');
  return reply.map(Number);
}
