import { hash } from 'node:crypto';

/** A piece of work that Redis does as a whole, so that nothing of another replica comes in between. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/**
 * The time: Redis's own, unless one was given. Replicas' clocks differ, and this one is nobody's,
 * so times go in and come out as distances from it.
 */
const prelude = `
local function timeOf(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`;

export function scriptOf(body: string): Script {
  const lua = prelude + body;
  return { lua, sha: hash('sha1', lua) };
}

/** Where the parts of one deployment are filed in Redis, and by which clock. */
export interface Space {
  /** What every key begins with. Numbered: an older release never reads what a newer one wrote. */
  readonly prefix: string;
  /** Redis's own time, but for tests. */
  readonly now?: (() => number) | undefined;
}

/** Deployments with different upstreams may share a Redis, and never each other's rows. */
export const prefixOf = (upstream: URL): string =>
  `enviaai:1:${hash('sha256', upstream.href).slice(0, 12)}`;

export const timeArgument = ({ now }: Space): string => (now ? String(now()) : '');

/** A list of numbers in a script's reply. */
export function numbersOf(reply: unknown): readonly number[] {
  if (!Array.isArray(reply)) throw new TypeError('Redis answered with something else than a list');
  return reply.map(Number);
}
