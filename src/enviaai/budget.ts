import { randomUUID } from 'node:crypto';
import { type SetTimer, sleep, systemClock } from '#src/domain/clock.ts';
import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { RateLimit } from '#src/domain/rate-limit.ts';
import { maxTenants, type Tenant } from '#src/domain/tenant.ts';
import type { BudgetStore, BudgetUpdate, TakeResult } from '#src/store/budget-store.ts';
import type { CallReport } from './client/call-report.ts';
import { createRefreshPace, type PacedPurpose } from './refresh-pace.ts';
import {
  endOf,
  pauseEndOf,
  rateLimitOf,
  withKnownReset,
  withoutImplausible,
} from './reported-budget.ts';

/**
 * Why a call is made, the most urgent purpose first. `write`: it changes something. `required`: no
 * cached row can answer the read. `demanded`: one could, but the caller asked for fresh data.
 * `refresh`: a stale row is served if the call is not sent. `live`: a subscription watches the row.
 */
export type Purpose = 'write' | 'required' | 'demanded' | 'refresh' | 'live';

export type Grant =
  /** The ticket identifies the call until it has ended. */
  | { readonly granted: true; readonly ticket: string }
  /** EnviaAI would refuse the request, or the budget is reserved for more urgent ones. */
  | { readonly granted: false; readonly retryAfterMs: number };

/** The budget of each tenant. Grants no request that EnviaAI is known to refuse. */
export interface Budget {
  /**
   * Takes one request. A `write` and a `required` one wait for a call in flight that has to report
   * what is left, until their signal aborts; others are refused then. `reservedShare` is the share of the limit
   * that must remain for other callers, from 0 to 1.
   */
  take(
    tenant: Tenant,
    purpose: Purpose,
    signal: AbortSignal,
    reservedShare?: number,
  ): Promise<Grant>;
  /** Updates the budget with what a response reported. Ends the ticket of its call. */
  learn(tenant: Tenant, report: CallReport): Promise<void>;
  /** Ends a ticket whose call was not sent. Does nothing if the call was reported. */
  release(tenant: Tenant, ticket: string): Promise<void>;
  /**
   * The last known budget, as of the last response to this process or the last `refresh`; null:
   * none was reported, or its window has ended.
   */
  rateLimit(tenant: Tenant): RateLimit | null;
  /** Updates the last known budget from that of all replicas, if there are several. Never rejects. */
  refresh(tenant: Tenant): Promise<void>;
  /** Requests in a window: as last reported; before that, as assumed. */
  limit(tenant: Tenant): number;
}

/** Share of the limit that only `write` and `required` calls may use: 5 of 50. */
const reserve = 0.1;

const mayUseReserve = (purpose: Purpose): boolean => purpose === 'write' || purpose === 'required';

const paceOf = (purpose: Purpose): PacedPurpose | null =>
  purpose === 'refresh' || purpose === 'live' ? purpose : null;

/** How long a call waits that the pace, or a call in flight, does not allow yet. */
const pendingRetryMs = 1000;

/**
 * Interval of the poll for a call of another replica, which has to report what is left. The end of
 * a call of this process ends the wait at once.
 */
const pollMs = 50;

export interface BudgetOptions {
  readonly store: BudgetStore;
  readonly ratePerMinute: number;
  /** The longest that a call can be in flight. */
  readonly callMs: number;
  readonly now: () => number;
  /** Default: the machine's timers, as replicas share no other clock. */
  readonly setTimer?: SetTimer | undefined;
  /** A different id for each call of any replica. Default: a random UUID. */
  readonly createTicket?: (() => string) | undefined;
  readonly track?: TrackEntries | undefined;
}

export function createBudget(options: BudgetOptions): Budget {
  const { store, ratePerMinute, callMs, now } = options;
  const { setTimer = systemClock.setTimer, createTicket = randomUUID, track = untracked } = options;
  const pace = createRefreshPace({ reserve, now, track });
  const rateLimits = createLru<Tenant, RateLimit>(maxTenants);
  track('rate_limits', () => rateLimits.size);
  /** The calls in flight of this process. */
  const tickets = new Set<string>();
  const waiting = createWakeUps();

  const limitOf = (tenant: Tenant): number => rateLimits.get(tenant)?.limit ?? ratePerMinute;

  const takeNow = (
    tenant: Tenant,
    purpose: Purpose,
    { ticket, reservedShare }: { readonly ticket: string; readonly reservedShare: number },
  ): Promise<TakeResult> =>
    store.take(tenant, {
      now: now(),
      assumedLimit: ratePerMinute,
      reserve: Math.max(reservedShare, mayUseReserve(purpose) ? 0 : reserve),
      ticket,
      ticketMs: callMs,
    });

  /** Waits for a call in flight that has to report first, if the call is urgent. */
  async function takeWhenReported(
    tenant: Tenant,
    purpose: Purpose,
    call: {
      readonly ticket: string;
      readonly reservedShare: number;
      readonly signal: AbortSignal;
    },
  ): Promise<TakeResult> {
    const { signal } = call;
    let state = await takeNow(tenant, purpose, call);
    if (!mayUseReserve(purpose)) return state;
    while (state.isPending && !signal.aborted) {
      await waiting.wait(tenant, (woken) => sleep({ setTimer }, pollMs, woken));
      if (!signal.aborted) state = await takeNow(tenant, purpose, call);
    }
    return state;
  }

  /** Updates the pace, which has let a paced call begin. */
  async function takePaced(...request: Parameters<typeof takeWhenReported>): Promise<TakeResult> {
    const [tenant, purpose] = request;
    const paced = paceOf(purpose);
    try {
      const state = await takeWhenReported(...request);
      pace.update(tenant, state, state.isTaken ? paced : null);
      return state;
    } finally {
      if (paced) pace.end(tenant, paced);
    }
  }

  async function end(tenant: Tenant, ended: BudgetUpdate): Promise<void> {
    await store.update(tenant, ended);
    waiting.wake(tenant);
  }

  return {
    async take(tenant, purpose, signal, reservedShare = 0) {
      const paced = paceOf(purpose);
      if (paced && !pace.begin(tenant, paced, limitOf(tenant))) {
        return { granted: false, retryAfterMs: pendingRetryMs };
      }
      const ticket = createTicket();
      const state = await takePaced(tenant, purpose, { ticket, reservedShare, signal });
      if (state.isTaken) {
        tickets.add(ticket);
        return { granted: true, ticket };
      }
      if (state.isPending) return { granted: false, retryAfterMs: pendingRetryMs };
      const until = Math.max(state.pausedUntilMs, state.remaining > 0 ? 0 : state.resetAtMs);
      return { granted: false, retryAfterMs: Math.max(1, until - now()) };
    },

    async learn(tenant, report) {
      const at = now();
      const rate = report.rate && withoutImplausible(report.rate, at);
      const reported = rate && rateLimitOf(rate, rateLimits.get(tenant), at);
      if (reported) rateLimits.set(tenant, reported);
      const { ticket } = report.caller;
      if (ticket !== undefined) tickets.delete(ticket);
      const resetAtMs = rate?.resetAtMs ?? undefined;
      await end(tenant, {
        now: at,
        limit: rate?.limit ?? undefined,
        remaining: rate?.remaining ?? undefined,
        resetAtMs,
        pausedUntilMs: pauseEndOf(report, resetAtMs, at),
        ticket,
        end: endOf(report),
      });
    },

    async release(tenant, ticket) {
      if (tickets.delete(ticket)) await end(tenant, { now: now(), ticket, end: 'unsent' });
    },

    rateLimit(tenant) {
      const last = rateLimits.get(tenant);
      return last && last.resetAtMs > now() ? last : null;
    },

    async refresh(tenant) {
      const shared = await store.sharedWindow?.(tenant, now());
      if (shared) rateLimits.set(tenant, withKnownReset(shared, rateLimits.get(tenant)));
    },

    limit: limitOf,
  };
}

/** Ends the waits of a tenant early. */
function createWakeUps() {
  const waiting = new Map<Tenant, AbortController>();
  return {
    async wait(tenant: Tenant, sleepUntil: (woken: AbortSignal) => Promise<void>): Promise<void> {
      const controller = waiting.get(tenant) ?? new AbortController();
      waiting.set(tenant, controller);
      await sleepUntil(controller.signal);
      if (waiting.get(tenant) === controller) waiting.delete(tenant);
      controller.abort();
    },
    wake(tenant: Tenant): void {
      waiting.get(tenant)?.abort();
      waiting.delete(tenant);
    },
  };
}
