import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Failure } from '#src/domain/failure.ts';
import type { RedisLink } from './redis/redis-link.ts';
import { numbersOf, scriptOf } from './redis/redis-script.ts';

/** How often each caller may ask. */
export interface CallerLimit {
  /** Counts an operation of this caller. Rejects with `too-many` for one over the limit. */
  count(caller: string): Promise<void>;
}

export interface CallerLimitOptions {
  /** Operations a minute, all at once if a caller likes; 0: any number. */
  readonly perMinute: number;
  /** Where replicas count together; without it each counts by itself. */
  readonly redis?: {
    readonly link: Pick<RedisLink, 'run'>;
    readonly prefix: string;
  };
}

const windowSeconds = 60;

/** Callers counted in this process; past that the one that asked least lately is forgotten. */
const mostCallers = 20_000;

/** Counts one, and tells the count and when it ends, in milliseconds. */
const countUp = scriptOf(`
redis.call('SET', KEYS[1], 0, 'EX', ARGV[2], 'NX')
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
return {count, redis.call('PTTL', KEYS[1])}
`);

/** While Redis is away, each replica counts by itself: a caller has the limit at each of them. */
export function createCallerLimit({ perMinute, redis }: CallerLimitOptions): CallerLimit {
  if (perMinute === 0) return { count: async () => {} };
  const window = { points: perMinute, duration: windowSeconds };
  const memory = new RateLimiterMemory(window);
  const limiter = redis
    ? new RateLimiterRedis({
        ...window,
        keyPrefix: `${redis.prefix}:caller`,
        insuranceLimiter: memory,
        storeClient: {
          // What the limiter calls a command that it would have Redis define.
          rlflxIncr: async ([key = '', ...args]: readonly string[]) =>
            numbersOf(await redis.link.run(countUp, [key], args)),
        },
      })
    : memory;
  const callers = new Set<string>();

  const forgetOldest = (caller: string) => {
    callers.delete(caller);
    callers.add(caller);
    const [oldest = ''] = callers;
    if (callers.size <= mostCallers) return;
    callers.delete(oldest);
    void memory.delete(oldest);
  };

  return {
    async count(caller) {
      forgetOldest(caller);
      try {
        await limiter.consume(caller);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        throw new Failure('too-many', 'The caller asks too often', {
          retryAfterMs: refusal.msBeforeNext,
        });
      }
    },
  };
}
