import { hash } from 'node:crypto';
import { Failure } from '#src/domain/failure.ts';
import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { RedisLink } from './redis/redis-link.ts';
import { groupKeyOf, groupOf, numbersOf, scriptOf } from './redis/redis-script.ts';

/** Limits the operations of each caller. */
export interface CallerLimit {
  /** Counts one operation of this caller. Rejects with `too-many` if it exceeds the limit. */
  count(caller: string): Promise<void>;
}

export interface CallerLimitOptions {
  /** Operations in a window of one minute, at any pace; 0: no limit. */
  readonly perMinute: number;
  /** The monotonic clock. */
  readonly now: () => number;
  /** Replicas count together in Redis; without it each process counts alone. */
  readonly redis?: {
    readonly link: Pick<RedisLink, 'run'>;
    readonly prefix: string;
  };
  readonly track?: TrackEntries | undefined;
}

const windowMs = 60_000;

/** Upper bound on callers that are counted in memory; the least recently used are dropped. */
const maxCallers = 20_000;

interface Count {
  readonly operations: number;
  /** Of the window. */
  readonly restMs: number;
}

type Counter = (caller: string) => Promise<Count>;

/**
 * KEYS: counter. ARGV: window in ms. Returns the count and the rest of the window in ms. A window
 * that seems to last longer was begun before the clock of Redis was set back: it ends now, and so
 * does one without an end.
 */
const increment = scriptOf(`
local window = tonumber(ARGV[1])
local rest = redis.call('PTTL', KEYS[1])
if rest > window or rest == -1 then redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], 0, 'PX', window, 'NX')
local count = redis.call('INCR', KEYS[1])
return {count, redis.call('PTTL', KEYS[1])}
`);

/**
 * Fixed windows of one minute. While Redis is not available, each replica counts alone: a caller
 * has the limit at each of them. Written by hand because rate-limiter-flexible reads the wall
 * clock, and a step would lengthen or end every window.
 */
export function createCallerLimit(options: CallerLimitOptions): CallerLimit {
  const { perMinute, now, redis, track = untracked } = options;
  if (perMinute === 0) return { count: async () => {} };
  const countHere = createMemoryCounter(now, track);
  const countShared = redis && createRedisCounter(redis);
  return {
    async count(caller) {
      // The link counts a failed command.
      const count = countShared
        ? await countShared(caller).catch(() => countHere(caller))
        : await countHere(caller);
      if (count.operations <= perMinute) return;
      throw new Failure('too-many', 'The caller exceeded its limit of operations', {
        retryAfterMs: count.restMs,
      });
    },
  };
}

function createMemoryCounter(now: () => number, track: TrackEntries): Counter {
  const windows = createLru<string, { operations: number; readonly endsAt: number }>(maxCallers);
  track('callers', () => windows.size);
  return async (caller) => {
    const at = now();
    const last = windows.get(caller);
    const window = last && last.endsAt > at ? last : { operations: 0, endsAt: at + windowMs };
    if (window !== last) windows.set(caller, window);
    window.operations += 1;
    return { operations: window.operations, restMs: window.endsAt - at };
  };
}

const createRedisCounter =
  ({ link, prefix }: NonNullable<CallerLimitOptions['redis']>): Counter =>
  async (caller) => {
    const key = `${groupKeyOf(prefix, groupOf(hash('sha256', caller)))}:caller:${caller}`;
    const reply = await link.run(increment, [key], [windowMs]);
    const [operations = 1, restMs = windowMs] = numbersOf(reply);
    return { operations, restMs };
  };
