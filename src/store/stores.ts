import type { TrackEntries } from '#src/domain/memory-usage.ts';
import type { ActionRecords } from './action-records.ts';
import type { BudgetStore } from './budget-store.ts';
import { type CallerLimit, createCallerLimit } from './caller-limit.ts';
import { createMemoryActionRecords } from './memory/memory-action-records.ts';
import { createMemoryBudgetStore } from './memory/memory-budget.ts';
import type { RedisAddress, Sentinels } from './redis/open-redis.ts';
import { createRedisActionRecords } from './redis/redis-action-records.ts';
import { createRedisBudgetStore } from './redis/redis-budget.ts';
import { createRedisLink } from './redis/redis-link.ts';
import { createRedisPages } from './redis/redis-pages.ts';
import type { RedisReason } from './redis/redis-reason.ts';
import { prefixOf } from './redis/redis-script.ts';
import { createReplicaBudgetStore } from './redis/replica-budget.ts';
import { createRedisSubscriber } from './redis/redis-subscriber.ts';
import { createRedisWrites } from './redis/redis-writes.ts';
import type { SharedPages } from './shared-pages.ts';
import type { SharedWrites } from './shared-writes.ts';

/** What replicas share through Redis; without Redis, what one process has alone. */
export interface Stores {
  readonly budget: BudgetStore;
  /** Undefined: there is no Redis, and one replica. */
  readonly shared: SharedPages | undefined;
  /** Undefined alike. */
  readonly writes: SharedWrites | undefined;
  readonly actions: ActionRecords;
  readonly callerLimit: CallerLimit;
  /** `local`: Redis is configured, but not available. */
  readonly state: () => 'redis' | 'memory' | 'local';
  /** Never rejects. Resolves after about a second at most, also if Redis is not available. */
  readonly start: () => Promise<void>;
  readonly stop: () => void;
}

export interface StoresOptions {
  /** Null: everything is in the memory of this process. */
  readonly redisUrl: URL | null;
  /** Null: Redis is at the host of its URL. */
  readonly redisSentinels: Sentinels | null;
  /** Null: Redis is no cluster. */
  readonly redisClusterNodes: RedisAddress['clusterNodes'];
  /** Replicas share only if they have the same upstream. */
  readonly upstream: URL;
  /** This replica's monotonic clock. */
  readonly now: () => number;
  /** Replaces Redis's clock, in tests. */
  readonly sharedNow?: (() => number) | undefined;
  /** Maximum age of a row that is of use, in milliseconds. */
  readonly usableMs: number;
  /** Timeout of an upstream call. */
  readonly timeoutMs: number;
  /** Operations of one caller in a minute; 0: no limit. */
  readonly callerRatePerMinute: number;
  /** Called when Redis becomes available or unavailable, and at start if it is not available. */
  readonly onStateChange: (isUp: boolean) => void;
  readonly onCommandFailure: () => void;
  readonly track?: TrackEntries | undefined;
  /** Called with the reason of each failure of Redis. */
  readonly onFailure: (reason: RedisReason) => void;
}

/**
 * Time that a call may wait for the budget, and that its response needs to reach other replicas.
 */
const callOverheadMs = 3000;

export function createStores(options: StoresOptions): Stores {
  const { redisUrl } = options;
  return redisUrl === null ? memoryStores(options) : redisStores(redisUrl, options);
}

const memoryStores = ({ callerRatePerMinute: perMinute, now, track }: StoresOptions): Stores => ({
  budget: createMemoryBudgetStore({ track }),
  shared: undefined,
  writes: undefined,
  actions: createMemoryActionRecords(now, track),
  callerLimit: createCallerLimit({ perMinute, now, track }),
  state: () => 'memory',
  start: async () => {},
  stop: () => {},
});

function redisStores(url: URL, options: StoresOptions): Stores {
  const { redisSentinels: sentinels, redisClusterNodes: clusterNodes } = options;
  const address = { url, sentinels, clusterNodes };
  const { upstream, now, sharedNow, usableMs, timeoutMs } = options;
  const { callerRatePerMinute: perMinute, track } = options;
  const { onStateChange, onCommandFailure, onFailure } = options;
  const keyspace = { prefix: prefixOf(upstream), now: sharedNow };
  const { prefix } = keyspace;
  const link = createRedisLink({
    ...address,
    prefix,
    now: sharedNow,
    onStateChange,
    onCommandFailure,
    onFailure,
  });
  // Longer than a row is of use: replicas that wait for a response may find it later.
  const lifetimeMs = usableMs + callOverheadMs;
  const writes = createRedisWrites({
    link,
    keyspace,
    lifetimeMs,
    createSubscriber: (subscription) => createRedisSubscriber({ ...address, ...subscription }),
  });
  return {
    budget: createReplicaBudgetStore({
      link,
      shared: createRedisBudgetStore(link, keyspace),
      track,
    }),
    shared: createRedisPages({
      link,
      keyspace,
      localNow: now,
      lifetimeMs,
      waitMs: timeoutMs + callOverheadMs,
    }),
    writes,
    actions: createRedisActionRecords({
      link,
      keyspace,
      local: createMemoryActionRecords(now, track),
    }),
    callerLimit: createCallerLimit({ perMinute, now, redis: { link, prefix }, track }),
    state: () => (link.isUp() ? 'redis' : 'local'),
    async start() {
      writes.start();
      await link.start();
      if (!link.isUp()) onStateChange(false);
    },
    stop() {
      writes.stop();
      link.stop();
    },
  };
}
