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

const noCalls = { refresh: 0, live: 0 } as const;

/** Tokens of a full bucket, for the number of calls that are left in the window. */
const capacityFor = (calls: number): number => Math.max(1, Math.floor(calls * burst));

/** The purposes whose rate is limited. */
export type PacedPurpose = 'refresh' | 'live';

/** Limits the rate of refreshes, and that of live calls to half of it. */
export interface RefreshPace {
  /**
   * Whether a call may be sent now; `limit` is that of the window. The call counts until `end`, so
   * that calls that begin together do not take the same token.
   */
  begin(tenant: Tenant, purpose: PacedPurpose, limit: number): boolean;
  /** The budget has granted or refused a call that began. */
  end(tenant: Tenant, purpose: PacedPurpose): void;
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
  /** Calls that have begun and not ended. */
  const begun = new Map<Tenant, Readonly<Record<PacedPurpose, number>>>();
  const begunOf = (tenant: Tenant) => begun.get(tenant) ?? noCalls;

  const currentOf = (tenant: Tenant): Window | undefined => {
    const last = windows.get(tenant);
    return last && last.resetAtMs > now() ? last : undefined;
  };
  const tokensOf = ({ tokens, refilledAt, tokensPerMs, capacity }: TokenBucket): number =>
    Math.min(capacity, tokens + (now() - refilledAt) * tokensPerMs);

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
    const capacity = capacityFor(calls);
    const tokens = (bucket ? tokensOf(bucket) : capacity) - (sent ? 1 : 0);
    return {
      tokens: Math.min(capacity, tokens),
      refilledAt: now(),
      tokensPerMs: calls / msLeft,
      capacity,
    };
  };

  return {
    begin(tenant, purpose, limit) {
      const window = currentOf(tenant);
      const activeReplicas = windows.get(tenant)?.activeReplicas ?? 1;
      const { refresh, live } = begunOf(tenant);
      // Of a new window, the first call takes a request before the buckets are filled.
      const spare = (limit - 1 - Math.floor(limit * reserve)) / activeReplicas;
      const tokens = window ? tokensOf(window.all) : capacityFor(spare);
      if (tokens - refresh - live < 1) return false;
      if (purpose === 'live') {
        const left = liveLeft(limit, window, activeReplicas);
        const liveTokens = window ? tokensOf(window.live) : capacityFor(Math.min(left, spare));
        if (Math.min(left, liveTokens) - live < 1) return false;
      }
      begun.set(tenant, { refresh, live, [purpose]: begunOf(tenant)[purpose] + 1 });
      return true;
    },
    end(tenant, purpose) {
      const calls = { ...begunOf(tenant), [purpose]: begunOf(tenant)[purpose] - 1 };
      if (calls.refresh + calls.live > 0) begun.set(tenant, calls);
      else begun.delete(tenant);
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
          // One more than are left: the last token would be refilled only at the reset.
          calls: Math.max(0, Math.min(live + 1, spare)),
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
