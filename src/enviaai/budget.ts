import type { RateLimit } from '#src/domain/rate-limit.ts';
import { createCountedCache, type SizedCache } from '#src/domain/sized-cache.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { BudgetStore, TakeResult } from '#src/store/budget-store.ts';
import type { CallReport } from './client/call.ts';

/**
 * What a request is for. `required`: nothing held can stand in for it. `demanded`: something could,
 * but the caller asked for fresh. `refresh`: something stale is served meanwhile.
 */
export type Purpose = 'required' | 'demanded' | 'refresh';

export type Grant =
  | { readonly granted: true }
  /** A request sent now would be refused, or is not worth what it takes from the budget. */
  | { readonly granted: false; readonly retryAfterMs: number };

/** Sees to it that no request is sent which the vendor is known to refuse. */
export interface Budget {
  take(tenant: Tenant, purpose: Purpose): Promise<Grant>;
  learn(tenant: Tenant, report: CallReport): Promise<void>;
  /** What the vendor last said; null if it did not, or that window is over. */
  rateLimit(tenant: Tenant): RateLimit | null;
}

/** Kept back for reads that nothing held can answer: 5 of 50. */
const reserve = 0.1;

/** Of what is left beyond the reserve, refreshes that may go out at once before they are spread: 8 of 44. */
const burst = 0.2;

/** A 429 that does not say for how long, in a window whose end is not known [D]. */
const defaultPauseMs = 60_000;

/** A reset further away is a mistake: by it, a budget of 0 would never end. */
const longestWindowMs = 3_600_000;

const mostTenants = 20_000;

export interface BudgetOptions {
  readonly store: BudgetStore;
  readonly ratePerMinute: number;
  readonly now: () => number;
}

export function createBudget({ store, ratePerMinute, now }: BudgetOptions): Budget {
  const pace = createPace(now);
  const heard = createCountedCache<RateLimit>(mostTenants);

  return {
    async take(tenant, purpose) {
      if (purpose === 'refresh' && !pace.allows(tenant))
        return { granted: false, retryAfterMs: 1000 };
      const at = now();
      const keepBack = purpose === 'required' ? 0 : reserve;
      const state = await store.take(tenant, { now: at, assumedLimit: ratePerMinute, keepBack });
      pace.learn(tenant, state, purpose === 'refresh' && state.taken);
      if (state.taken) return { granted: true };
      const until = Math.max(state.pausedUntilMs, state.remaining > 0 ? 0 : state.resetAtMs);
      return { granted: false, retryAfterMs: Math.max(1, until - at) };
    },

    async learn(tenant, { outcome, rate: told, retryAfterMs }) {
      const at = now();
      const rate = told && believed(told, at);
      if (rate) remember(heard, tenant, rate, at);
      if (!rate && outcome !== 'rate-limited') return;
      const resetAtMs = rate?.resetAtMs ?? undefined;
      const reset = resetAtMs !== undefined && resetAtMs > at ? resetAtMs : at + defaultPauseMs;
      await store.update(tenant, {
        now: at,
        limit: rate?.limit ?? undefined,
        remaining: rate?.remaining ?? undefined,
        resetAtMs,
        pausedUntilMs:
          outcome === 'rate-limited'
            ? retryAfterMs === null
              ? reset
              : at + retryAfterMs
            : undefined,
      });
    },

    rateLimit(tenant) {
      const last = heard.get(tenant);
      return last && last.resetAtMs > now() ? last : null;
    },
  };
}

type Rate = NonNullable<CallReport['rate']>;

/** A limit of 0, too, would never end: no call could go out that hears of another. */
function believed({ limit, remaining, resetAtMs }: Rate, now: number): Rate {
  const isNear = resetAtMs !== null && resetAtMs <= now + longestWindowMs;
  return { limit: limit === 0 ? null : limit, remaining, resetAtMs: isNear ? resetAtMs : null };
}

function remember(
  heard: SizedCache<RateLimit>,
  tenant: Tenant,
  { limit, remaining, resetAtMs }: Rate,
  now: number,
): void {
  if (limit === null || remaining === null || resetAtMs === null) return;
  const last = heard.get(tenant);
  // Answers overtake each other: within a window the count only falls.
  const overtaken = last && last.resetAtMs > now && Math.abs(last.resetAtMs - resetAtMs) < 2000;
  heard.set(tenant, {
    limit,
    remaining: overtaken ? Math.min(last.remaining, remaining) : remaining,
    resetAtMs,
  });
}

interface Bucket {
  tokens: number;
  at: number;
  perMs: number;
  capacity: number;
  /** The window that it is cut for: the next one has a new bucket, which is full. */
  resetAtMs: number;
}

/**
 * Spreads refreshes over what is left of the window: a bucket that fills as fast as the rest of the
 * budget lasts until the reset, and holds a small burst. Of replicas that refresh for one tenant,
 * each spreads its part.
 */
function createPace(now: () => number) {
  const buckets = createCountedCache<Bucket>(mostTenants);
  const fill = (tenant: Tenant) => {
    const bucket = buckets.get(tenant);
    const at = now();
    if (!bucket || bucket.resetAtMs <= at) return undefined;
    bucket.tokens = Math.min(bucket.capacity, bucket.tokens + (at - bucket.at) * bucket.perMs);
    bucket.at = at;
    return bucket;
  };
  return {
    allows: (tenant: Tenant): boolean => (fill(tenant)?.tokens ?? 1) >= 1,
    learn(tenant: Tenant, state: TakeResult, spent: boolean): void {
      const { limit, remaining, resetAtMs, sharers } = state;
      const spare = Math.max(0, remaining - Math.floor(limit * reserve)) / sharers;
      const capacity = Math.max(1, Math.floor(spare * burst));
      const bucket = fill(tenant) ?? { tokens: capacity, at: now(), perMs: 0, capacity, resetAtMs };
      bucket.capacity = capacity;
      bucket.resetAtMs = resetAtMs;
      bucket.perMs = spare / Math.max(1, resetAtMs - bucket.at);
      bucket.tokens = Math.min(capacity, bucket.tokens - (spent ? 1 : 0));
      buckets.set(tenant, bucket);
    },
  };
}
