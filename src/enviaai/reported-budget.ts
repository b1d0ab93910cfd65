import type { RateLimit } from '#src/domain/rate-limit.ts';
import type { CallEnd } from '#src/store/budget-store.ts';
import { sameResetMs } from '#src/store/budget-window.ts';
import type { CallReport } from './client/call-report.ts';

/** The pause after a 429 without a readable wait and without a known reset [D]. */
const defaultPauseMs = 60_000;

/** A reset further away is ignored: with it, a budget of 0 would never end. */
const maxWindowMs = 3_600_000;

/** How the call of a report ended. */
export function endOf({ status, rate }: CallReport): CallEnd {
  if (status === null) return 'lost';
  // The error response of a proxy has no headers of EnviaAI.
  return status >= 500 && rate?.remaining == null ? 'failed' : 'answered';
}

/** The end of the pause after a 429; undefined: the response was another. */
export function pauseEndOf(
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
export function withoutImplausible({ limit, remaining, resetAtMs }: Rate, now: number): Rate {
  const isNear = resetAtMs !== null && resetAtMs <= now + maxWindowMs;
  return { limit: limit === 0 ? null : limit, remaining, resetAtMs: isNear ? resetAtMs : null };
}

/** What a response reported, in view of the last report; null: it is incomplete. */
export function rateLimitOf(
  { limit, remaining, resetAtMs }: Rate,
  last: RateLimit | undefined,
  now: number,
): RateLimit | null {
  if (limit === null || remaining === null || resetAtMs === null) return null;
  // Responses may arrive out of order, but within a window the count only decreases.
  const isSameWindow = last && last.resetAtMs > now && isSameReset(last.resetAtMs, resetAtMs);
  return {
    limit,
    remaining: isSameWindow ? Math.min(last.remaining, remaining) : remaining,
    resetAtMs,
  };
}

const isSameReset = (a: number, b: number): boolean => Math.abs(a - b) < sameResetMs;

/**
 * A budget that replicas share, with the reset that was reported to this one: by Redis's clock, it
 * is off by the milliseconds that a message takes.
 */
export function withKnownReset(shared: RateLimit, last: RateLimit | undefined): RateLimit {
  const isSame = last && isSameReset(last.resetAtMs, shared.resetAtMs);
  return isSame ? { ...shared, resetAtMs: last.resetAtMs } : shared;
}
