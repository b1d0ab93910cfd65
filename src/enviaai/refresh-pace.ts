import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import { maxTenants, type Tenant } from '#src/domain/tenant.ts';
import type { TakeResult } from '#src/store/budget-store.ts';

/** Share of the spare requests that refreshes may use at once: 8 of 44. */
const burst = 0.2;

interface TokenBucket {
  readonly tokens: number;
  readonly refilledAt: number;
  readonly tokensPerMs: number;
  readonly capacity: number;
  /** The end of the window. The next window begins with a full bucket. */
  readonly resetAtMs: number;
}

/** Limits the rate of refreshes. */
export interface RefreshPace {
  /** Whether a refresh may be sent now. */
  isAllowed(tenant: Tenant): boolean;
  /** Adapts the bucket to the budget after a request, and removes a token if it was a refresh. */
  update(tenant: Tenant, budget: TakeResult, isRefresh: boolean): void;
}

export interface RefreshPaceOptions {
  /** Share of the limit that refreshes never use, from 0 to 1. */
  readonly reserve: number;
  readonly now: () => number;
  readonly track?: TrackEntries | undefined;
}

/**
 * A token bucket for each tenant, which spreads refreshes over the rest of the window. It refills
 * at the rate that uses up the spare requests exactly at the reset, and its capacity is a small
 * burst. Replicas that share a tenant's budget divide the spare requests.
 */
export function createRefreshPace({
  reserve,
  now,
  track = untracked,
}: RefreshPaceOptions): RefreshPace {
  const buckets = createLru<Tenant, TokenBucket>(maxTenants);
  track('refresh_paces', () => buckets.size);

  /** Undefined: there is no bucket for the current window. */
  const tokensOf = (tenant: Tenant): number | undefined => {
    const bucket = buckets.get(tenant);
    const at = now();
    if (!bucket || bucket.resetAtMs <= at) return undefined;
    const refill = (at - bucket.refilledAt) * bucket.tokensPerMs;
    return Math.min(bucket.capacity, bucket.tokens + refill);
  };

  return {
    isAllowed: (tenant) => (tokensOf(tenant) ?? 1) >= 1,
    update(tenant, { limit, remaining, resetAtMs, activeReplicas }, isRefresh) {
      const spare = Math.max(0, remaining - Math.floor(limit * reserve)) / activeReplicas;
      const capacity = Math.max(1, Math.floor(spare * burst));
      const tokens = (tokensOf(tenant) ?? capacity) - (isRefresh ? 1 : 0);
      const refilledAt = now();
      buckets.set(tenant, {
        tokens: Math.min(capacity, tokens),
        refilledAt,
        tokensPerMs: spare / Math.max(1, resetAtMs - refilledAt),
        capacity,
        resetAtMs,
      });
    },
  };
}
