import type { BudgetStore } from './budget-store.ts';
import { type CallerLimit, createCallerLimit } from './caller-limit.ts';
import { createMemoryBudgetStore } from './memory/memory-budget.ts';
import { createRedisBudgetStore } from './redis/redis-budget.ts';
import { createRedisLink } from './redis/redis-link.ts';
import { createRedisPages } from './redis/redis-pages.ts';
import { prefixOf } from './redis/redis-script.ts';
import { createReplicaBudgetStore } from './redis/replica-budget.ts';
import type { SharedPages } from './shared-pages.ts';

/** Everything that replicas have in common, or one process alone. */
export interface Stores {
  readonly budget: BudgetStore;
  /** Undefined: there is one replica. */
  readonly shared: SharedPages | undefined;
  readonly callerLimit: CallerLimit;
  /** `local`: Redis is away, and this replica goes by itself. */
  readonly state: () => 'redis' | 'memory' | 'local';
  /** Never rejects, and waits no longer than a moment: what is away now may come later. */
  readonly start: () => Promise<void>;
  readonly stop: () => void;
}

export interface StoresOptions {
  /** Null: the memory of this process. */
  readonly redisUrl: URL | null;
  /** Whose rows they are: replicas of one upstream share. */
  readonly upstream: URL;
  /** This replica's clock. */
  readonly now: () => number;
  /** The clock of all replicas: Redis's, but for tests. */
  readonly sharedNow?: (() => number) | undefined;
  /** How long a row can be of use. */
  readonly usableMs: number;
  /** How long a call to the upstream can take. */
  readonly timeoutMs: number;
  /** How many operations each caller may ask for; 0: any number. */
  readonly callerRatePerMinute: number;
  /** Told when Redis went away or came back, and at the start if it is away. */
  readonly changed: (isUp: boolean) => void;
  readonly failed: () => void;
}

/** What a call may wait for the budget before it is sent, and what its answer needs to get here. */
const aroundCallMs = 3000;

export function createStores(options: StoresOptions): Stores {
  const { redisUrl, upstream, now, sharedNow, usableMs, timeoutMs, changed, failed } = options;
  const perMinute = options.callerRatePerMinute;
  if (redisUrl === null) {
    const budget = createMemoryBudgetStore();
    const callerLimit = createCallerLimit({ perMinute });
    const start = async () => {};
    return {
      budget,
      shared: undefined,
      callerLimit,
      state: () => 'memory',
      start,
      stop: () => {},
    };
  }
  const space = { prefix: prefixOf(upstream), now: sharedNow };
  const link = createRedisLink({ url: redisUrl, prefix: space.prefix, changed, failed });
  return {
    budget: createReplicaBudgetStore({ link, shared: createRedisBudgetStore(link, space) }),
    shared: createRedisPages({
      link,
      space,
      localNow: now,
      // A little longer, for those who wait for an answer while nothing held is fresh or stale enough.
      lifetimeMs: usableMs + aroundCallMs,
      patienceMs: timeoutMs + aroundCallMs,
    }),
    callerLimit: createCallerLimit({ perMinute, redis: { link, prefix: space.prefix } }),
    state: () => (link.isUp() ? 'redis' : 'local'),
    async start() {
      await link.start();
      if (!link.isUp()) changed(false);
    },
    stop: link.stop,
  };
}
