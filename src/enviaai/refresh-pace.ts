import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import { maxTenants, type Tenant } from '#src/domain/tenant.ts';
import type { TakeResult } from '#src/store/budget-store.ts';

/** Share of the spare requests that refreshes may use at once: 8 of 44. */
const burst = 0.2;

/** Share of the requests above the reserve that `live` calls may use: 22 of 45. */
const liveShare = 0.5;

interface TokenBucket {
  readonly tokens: number;
  readonly refilledAt: number;
  readonly tokensPerMs: number;
  readonly capacity: number;
}

interface Window {
  /** For `refresh` and `live` calls together. */
  readonly all: TokenBucket;
  /** For `live` calls, which take a token of both buckets. */
  readonly live: TokenBucket;
  readonly liveCalls: number;
  readonly activeReplicas: number;
  /** The next window begins with full buckets. */
  readonly resetAtMs: number;
}

/** The purposes whose rate is limited. */
export type PacedPurpose = 'refresh' | 'live';

/** Limits the rate of refreshes, and that of live calls to half of it. */
export interface RefreshPace {
  /** Whether a call may be sent now; `limit` is that of the window. */
  isAllowed(tenant: Tenant, purpose: PacedPurpose, limit: number): boolean;
  /**
   * Adapts the buckets to the budget after a request, and removes a token for a paced one. Null:
   * the request was another, or was not sent.
   */
  update(tenant: Tenant, budget: TakeResult, sent: PacedPurpose | null): void;
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
 * burst. A second one does the same for live calls and their part of a window. Replicas that share
 * a tenant's budget divide the spare requests.
 */
export function createRefreshPace({
  reserve,
  now,
  track = untracked,
}: RefreshPaceOptions): RefreshPace {
  const windows = createLru<Tenant, Window>(maxTenants);
  track('refresh_paces', () => windows.size);

  const currentOf = (tenant: Tenant): Window | undefined => {
    const last = windows.get(tenant);
    return last && last.resetAtMs > now() ? last : undefined;
  };
  const tokensOf = ({ tokens, refilledAt, tokensPerMs, capacity }: TokenBucket): number =>
    Math.min(capacity, tokens + (now() - refilledAt) * tokensPerMs);

  const hasToken = (bucket: TokenBucket | undefined): boolean => !bucket || tokensOf(bucket) >= 1;

  /** Live calls that a window of this process still has. */
  const liveLeft = (limit: number, window: Window | undefined, activeReplicas: number): number =>
    Math.floor((limit - Math.floor(limit * reserve)) * liveShare) / activeReplicas -
    (window?.liveCalls ?? 0);

  /** `calls` are left for the rest of the window, of which one may have been sent just now. */
  const updated = (
    bucket: TokenBucket | undefined,
    {
      calls,
      sent,
      msLeft,
    }: { readonly calls: number; readonly sent: boolean; readonly msLeft: number },
  ): TokenBucket => {
    const capacity = Math.max(1, Math.floor(calls * burst));
    const tokens = (bucket ? tokensOf(bucket) : capacity) - (sent ? 1 : 0);
    return {
      tokens: Math.min(capacity, tokens),
      refilledAt: now(),
      tokensPerMs: calls / msLeft,
      capacity,
    };
  };

  return {
    isAllowed(tenant, purpose, limit) {
      const window = currentOf(tenant);
      if (!hasToken(window?.all)) return false;
      if (purpose === 'refresh') return true;
      return liveLeft(limit, window, window?.activeReplicas ?? 1) >= 1 && hasToken(window?.live);
    },
    update(tenant, { limit, remaining, resetAtMs, activeReplicas }, sent) {
      const window = currentOf(tenant);
      const isLive = sent === 'live';
      const msLeft = Math.max(1, resetAtMs - now());
      const spare = Math.max(0, remaining - Math.floor(limit * reserve)) / activeReplicas;
      const live = liveLeft(limit, window, activeReplicas) - (isLive ? 1 : 0);
      windows.set(tenant, {
        all: updated(window?.all, { calls: spare, sent: sent !== null, msLeft }),
        live: updated(window?.live, {
          calls: Math.max(0, Math.min(live, spare)),
          sent: isLive,
          msLeft,
        }),
        liveCalls: (window?.liveCalls ?? 0) + (isLive ? 1 : 0),
        activeReplicas,
        resetAtMs,
      });
    },
  };
}
