import type { Caller } from '#src/domain/caller.ts';
import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Budget, Grant, Purpose } from '#src/enviaai/budget.ts';

/**
 * The fair share of each caller that shares a key. A caller that has had its share in this window
 * may take more only while enough remains for the shares of the others, and for one that has not
 * come yet. What is reserved for them decreases evenly until the end of the window, so that a
 * caller who is alone can use all calls but the last.
 */
export interface FairShare {
  /** Notes that a caller wants a call: from now on, the others leave it its share. */
  ask(request: ShareRequest): void;
  /** Takes one call from the budget, if that leaves the others theirs. */
  take(
    request: ShareRequest & {
      readonly purpose: Purpose;
      readonly signal: AbortSignal;
      /** Calls that must remain after any caller has taken one. */
      readonly reservedCalls?: number | undefined;
    },
  ): Promise<Grant>;
}

export interface ShareRequest {
  readonly tenant: Tenant;
  /** Undefined, or a caller with a key: the budget has one caller, and no shares. */
  readonly caller?: Caller | undefined;
}

export interface FairShareOptions {
  readonly budget: Pick<Budget, 'take' | 'limit' | 'rateLimit'>;
  readonly now: () => number;
  /** Called for each call that was refused to a caller that had had its share. */
  readonly onDenied?: (() => void) | undefined;
  readonly track?: TrackEntries | undefined;
}

/** Share of the limit that is reserved for callers that have not come yet: 5 of 50. */
const newcomersShare = 0.1;

/** Length of a window whose reset EnviaAI has not reported. */
const assumedWindowMs = 60_000;

/**
 * Callers of one window; more than EnviaAI's limit, so that each of them has a share of one call.
 */
const maxCallers = 1000;

/** Shared keys. A server has one. */
const maxTenants = 100;

interface CallerCount {
  /** Calls that the caller has had in this window. */
  calls: number;
  /** False: the caller wanted calls in the window before, and not yet in this one. */
  hasAsked: boolean;
}

interface Window {
  readonly startedAt: number;
  readonly endsAt: number;
  readonly isAssumed: boolean;
  readonly counts: ReturnType<typeof createLru<string, CallerCount>>;
}

/** Calls are counted in this process: between replicas, each counts its own callers. */
export function createFairShare(options: FairShareOptions): FairShare {
  const { budget, now, onDenied, track = untracked } = options;
  const windows = createLru<Tenant, Window>(maxTenants);
  track('sharers', () => [...windows.values()].reduce((sum, { counts }) => sum + counts.size, 0));

  function windowOf(tenant: Tenant): Window {
    const at = now();
    const resetAtMs = budget.rateLimit(tenant)?.resetAtMs;
    const last = windows.get(tenant);
    // A window that begins in the future was opened before the clock was set back.
    const isOpen = last && last.endsAt > at && last.startedAt <= at;
    if (isOpen && (!last.isAssumed || resetAtMs === undefined)) return last;
    const window = {
      startedAt: isOpen ? last.startedAt : at,
      endsAt: resetAtMs ?? at + assumedWindowMs,
      isAssumed: resetAtMs === undefined,
      counts: isOpen ? last.counts : callersOf(last),
    };
    windows.set(tenant, window);
    return window;
  }

  const countOf = ({ counts }: Window, id: string): CallerCount => {
    const count = counts.get(id) ?? { calls: 0, hasAsked: true };
    count.hasAsked = true;
    counts.set(id, count);
    return count;
  };

  /** Calls that must remain for others when this caller takes one. */
  function reservedFor(window: Window, { calls }: CallerCount, limit: number): number {
    const newcomers = limit > 1 ? Math.max(1, Math.floor(limit * newcomersShare)) : 0;
    const share = Math.max(1, Math.floor((limit - newcomers) / window.counts.size));
    if (calls < share) return 0;
    let others = 0;
    for (const count of window.counts.values()) others += Math.max(0, share - count.calls);
    const reserved = newcomers + Math.min(others, limit - newcomers);
    const lengthMs = Math.max(assumedWindowMs, window.endsAt - window.startedAt);
    return Math.ceil((reserved * (window.endsAt - now())) / lengthMs);
  }

  return {
    ask({ tenant, caller }) {
      if (caller?.kind === 'sharer') countOf(windowOf(tenant), caller.id);
    },
    async take({ tenant, caller, purpose, signal, reservedCalls = 0 }) {
      const limit = budget.limit(tenant);
      if (caller?.kind !== 'sharer') {
        return budget.take(tenant, purpose, signal, shareOf(reservedCalls, limit));
      }
      const window = windowOf(tenant);
      const count = countOf(window, caller.id);
      // A write counts for its caller's share, but is not limited by it.
      const reserved = purpose === 'write' ? 0 : reservedFor(window, count, limit);
      // Counted before the budget answers, so that simultaneous calls of one caller are seen.
      count.calls += 1;
      const share = shareOf(Math.max(reserved, reservedCalls), limit);
      const grant = await budget.take(tenant, purpose, signal, share);
      if (grant.granted) return grant;
      count.calls -= 1;
      if (reserved === 0) return grant;
      onDenied?.();
      return { ...grant, retryAfterMs: Math.max(grant.retryAfterMs, window.endsAt - now()) };
    },
  };
}

/** Half a call more: the budget multiplies with the limit again, and rounds down. */
const shareOf = (calls: number, limit: number): number => (calls === 0 ? 0 : (calls + 0.5) / limit);

/** The callers of a new window: those who asked in the last one, since they may come again. */
function callersOf(last: Window | undefined): Window['counts'] {
  const counts = createLru<string, CallerCount>(maxCallers);
  // Least recent first, so that the order of the LRU cache stays the same.
  last?.counts.rforEach(({ hasAsked }, id) => {
    if (hasAsked) counts.set(id, { calls: 0, hasAsked: false });
  });
  return counts;
}
