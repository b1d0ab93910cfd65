import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Failure } from '#src/domain/failure.ts';
import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { RedisLink } from './redis/redis-link.ts';
import { numbersOf, scriptOf } from './redis/redis-script.ts';

/** Limits the operations of each caller. */
export interface CallerLimit {
  /** Counts one operation of this caller. Rejects with `too-many` if it exceeds the limit. */
  count(caller: string): Promise<void>;
}

export interface CallerLimitOptions {
  /** Operations in a window of one minute, at any pace; 0: no limit. */
  readonly perMinute: number;
  /** Replicas count together in Redis; without it each process counts alone. */
  readonly redis?: {
    readonly link: Pick<RedisLink, 'run'>;
    readonly prefix: string;
  };
  readonly track?: TrackEntries | undefined;
}

const windowSeconds = 60;

/** Upper bound on callers that are counted in memory; the least recently used are dropped. */
const maxCallers = 20_000;

/** KEYS: counter. ARGV: points, window in s. Returns the count and the rest of the window in ms. */
const increment = scriptOf(`
redis.call('SET', KEYS[1], 0, 'EX', ARGV[2], 'NX')
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
return {count, redis.call('PTTL', KEYS[1])}
`);

/**
 * While Redis is not available, each replica counts alone: a caller has the limit at each of them.
 */
export function createCallerLimit(options: CallerLimitOptions): CallerLimit {
  const { perMinute, redis, track = untracked } = options;
  if (perMinute === 0) return { count: async () => {} };
  const window = { points: perMinute, duration: windowSeconds };
  const memory = new RateLimiterMemory(window);
  const limiter = redis
    ? new RateLimiterRedis({
        ...window,
        keyPrefix: `${redis.prefix}:caller`,
        insuranceLimiter: memory,
        storeClient: {
          // The limiter calls this command, which it expects to be defined in Redis.
          rlflxIncr: async ([key = '', ...args]: readonly string[]) =>
            numbersOf(await redis.link.run(increment, [key], args)),
        },
      })
    : memory;
  // The limiter in memory is not bounded.
  const callers = createLru<string, true>(maxCallers, (_, caller) => void memory.delete(caller));
  track('callers', () => callers.size);

  return {
    async count(caller) {
      callers.set(caller, true);
      try {
        await limiter.consume(caller);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        throw new Failure('too-many', 'The caller exceeded its limit of operations', {
          retryAfterMs: refusal.msBeforeNext,
        });
      }
    },
  };
}
