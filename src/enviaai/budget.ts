import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { RateLimit } from '#src/domain/rate-limit.ts';
import { maxTenants, type Tenant } from '#src/domain/tenant.ts';
import type { BudgetStore } from '#src/store/budget-store.ts';
import { sameResetMs } from '#src/store/budget-window.ts';
import type { CallReport } from './client/call-report.ts';
import { createRefreshPace } from './refresh-pace.ts';

/**
 * Why a call is made. `required`: no cached row can answer the read. `demanded`: one could, but the
 * caller asked for fresh data. `refresh`: a stale row is served if the call is not sent.
 */
export type Purpose = 'required' | 'demanded' | 'refresh';

export type Grant =
  | { readonly granted: true }
  /** EnviaAI would refuse the request, or the budget is reserved for more urgent ones. */
  | { readonly granted: false; readonly retryAfterMs: number };

/** The budget of each tenant. Grants no request that EnviaAI is known to refuse. */
export interface Budget {
  /** `reservedShare` is the share of the limit that must remain for other callers, from 0 to 1. */
  take(tenant: Tenant, purpose: Purpose, reservedShare?: number): Promise<Grant>;
  /** Updates the budget with what a response reported. */
  learn(tenant: Tenant, report: CallReport): Promise<void>;
  /** The last reported budget; null: none was reported, or its window has ended. */
  rateLimit(tenant: Tenant): RateLimit | null;
  /** Requests in a window: as last reported; before that, as assumed. */
  limit(tenant: Tenant): number;
}

/** Share of the limit that only `required` reads may use: 5 of 50. */
const reserve = 0.1;

/** How long a refresh waits that the pace does not allow. */
const paceRetryMs = 1000;

/** The pause after a 429 without a readable wait and without a known reset [D]. */
const defaultPauseMs = 60_000;

/** A reset further away is ignored: with it, a budget of 0 would never end. */
const maxWindowMs = 3_600_000;

export interface BudgetOptions {
  readonly store: BudgetStore;
  readonly ratePerMinute: number;
  readonly now: () => number;
  readonly track?: TrackEntries | undefined;
}

export function createBudget(options: BudgetOptions): Budget {
  const { store, ratePerMinute, now, track = untracked } = options;
  const pace = createRefreshPace({ reserve, now, track });
  const rateLimits = createLru<Tenant, RateLimit>(maxTenants);
  track('rate_limits', () => rateLimits.size);

  return {
    async take(tenant, purpose, reservedShare = 0) {
      const isRefresh = purpose === 'refresh';
      if (isRefresh && !pace.isAllowed(tenant)) {
        return { granted: false, retryAfterMs: paceRetryMs };
      }
      const at = now();
      const state = await store.take(tenant, {
        now: at,
        assumedLimit: ratePerMinute,
        reserve: Math.max(reservedShare, purpose === 'required' ? 0 : reserve),
      });
      pace.update(tenant, state, isRefresh && state.isTaken);
      if (state.isTaken) return { granted: true };
      const until = Math.max(state.pausedUntilMs, state.remaining > 0 ? 0 : state.resetAtMs);
      return { granted: false, retryAfterMs: Math.max(1, until - at) };
    },

    async learn(tenant, report) {
      const at = now();
      const rate = report.rate && withoutImplausible(report.rate, at);
      const reported = rate && rateLimitOf(rate, rateLimits.get(tenant), at);
      if (reported) rateLimits.set(tenant, reported);
      if (!rate && report.outcome !== 'rate-limited') return;
      const resetAtMs = rate?.resetAtMs ?? undefined;
      await store.update(tenant, {
        now: at,
        limit: rate?.limit ?? undefined,
        remaining: rate?.remaining ?? undefined,
        resetAtMs,
        pausedUntilMs: pauseEndOf(report, resetAtMs, at),
      });
    },

    rateLimit(tenant) {
      const last = rateLimits.get(tenant);
      return last && last.resetAtMs > now() ? last : null;
    },

    limit: (tenant) => rateLimits.get(tenant)?.limit ?? ratePerMinute,
  };
}

/** The end of the pause after a 429; undefined: the response was another. */
function pauseEndOf(
  { outcome, retryAfterMs }: CallReport,
  resetAtMs: number | undefined,
  now: number,
): number | undefined {
  if (outcome !== 'rate-limited') return undefined;
  if (retryAfterMs !== null) return now + retryAfterMs;
  return resetAtMs !== undefined && resetAtMs > now ? resetAtMs : now + defaultPauseMs;
}

type Rate = NonNullable<CallReport['rate']>;

/** Ignores a limit of 0 too: no request could be sent whose response reports another limit. */
function withoutImplausible({ limit, remaining, resetAtMs }: Rate, now: number): Rate {
  const isNear = resetAtMs !== null && resetAtMs <= now + maxWindowMs;
  return { limit: limit === 0 ? null : limit, remaining, resetAtMs: isNear ? resetAtMs : null };
}

/** What a response reported, in view of the last report; null: it is incomplete. */
function rateLimitOf(
  { limit, remaining, resetAtMs }: Rate,
  last: RateLimit | undefined,
  now: number,
): RateLimit | null {
  if (limit === null || remaining === null || resetAtMs === null) return null;
  // Responses may arrive out of order, but within a window the count only decreases.
  const isSameWindow =
    last && last.resetAtMs > now && Math.abs(last.resetAtMs - resetAtMs) < sameResetMs;
  return {
    limit,
    remaining: isSameWindow ? Math.min(last.remaining, remaining) : remaining,
    resetAtMs,
  };
}
