import type { RateLimit } from '#src/domain/rate-limit.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/** The current window of a tenant's budget. */
export interface BudgetState {
  readonly limit: number;
  /** Requests that may still be sent. Calls in flight count as spent. */
  readonly remaining: number;
  /** By this server's clock. */
  readonly resetAtMs: number;
  /** No request is sent before this time. A time in the past: there is no pause. */
  readonly pausedUntilMs: number;
  /** No response has reported this window yet: its limit and its reset are assumptions. */
  readonly isAssumed: boolean;
}

/** The budget after an attempt to take one request. */
export interface TakeResult extends BudgetState {
  readonly isTaken: boolean;
  /** Not taken, because one call in flight has to report first what is left. */
  readonly isPending: boolean;
  /** Replicas that took from this tenant's window in the last 15 s, including this one. */
  readonly activeReplicas: number;
  /** The incarnation of the stored budget: another number after it was lost. */
  readonly incarnation: number;
}

export interface TakeRequest {
  readonly now: number;
  /** The limit of a window that no response has reported yet. */
  readonly assumedLimit: number;
  /** Share of the limit that must remain, from 0 to 1. */
  readonly reserve: number;
  /** A new id for the call, which is in flight from now on until an update settles it. */
  readonly ticket: string;
  /** The longest that the call can be in flight. After it, an unsettled call counts as lost. */
  readonly ticketMs: number;
  /** Nothing is taken from another incarnation. Undefined: from any. */
  readonly incarnation?: number | undefined;
}

/**
 * How a call ended. `answered`: by a response. `failed`: by a response that says nothing about the
 * budget, such as a proxy's error. `lost`: EnviaAI may have counted the request, or may count it
 * yet. `unsent`: EnviaAI never got it.
 */
export type CallEnd = 'answered' | 'failed' | 'lost' | 'unsent';

/** What a response reported about the window. Undefined: not reported. */
export interface BudgetUpdate {
  readonly now: number;
  readonly limit?: number | undefined;
  readonly remaining?: number | undefined;
  readonly resetAtMs?: number | undefined;
  readonly pausedUntilMs?: number | undefined;
  /**
   * `limit` and `remaining` are a share, without the calls in flight of this process. Other
   * processes have calls in flight too, so a share is never raised within a window.
   */
  readonly isShare?: boolean | undefined;
  /** The call that ended. */
  readonly ticket?: string | undefined;
  readonly end?: CallEnd | undefined;
}

/** What one process knows of a budget that the store may have lost. */
export interface BudgetRestore {
  readonly now: number;
  readonly limit: number;
  readonly remaining: number;
  readonly resetAtMs: number;
  readonly pausedUntilMs: number;
  /** Its calls in flight. */
  readonly tickets: readonly string[];
  readonly ticketMs: number;
}

/** Counts each tenant's requests. Every operation is atomic, also between replicas of one store. */
export interface BudgetStore {
  /** Takes one request from the budget if it may be sent now. */
  take(tenant: Tenant, request: TakeRequest): Promise<TakeResult>;
  update(tenant: Tenant, update: BudgetUpdate): Promise<void>;
  /**
   * The window that replicas share, as {@link RestorableBudgetStore.peek}; null also where it is not
   * available. Undefined: the store is not shared, and its process knows what EnviaAI reported.
   */
  readonly sharedWindow?: (tenant: Tenant, now: number) => Promise<RateLimit | null>;
}

/** A store that can lose budgets, or can have missed updates. */
export interface RestorableBudgetStore extends BudgetStore {
  /**
   * Adds what is known. Until a response reports what is left, one call is in flight at a time,
   * because other replicas may know more.
   */
  restore(tenant: Tenant, known: BudgetRestore): Promise<void>;
  /**
   * The current window, with the calls in flight as spent; null: EnviaAI has not reported what
   * remains of it, or it has ended.
   */
  peek(tenant: Tenant, now: number): Promise<RateLimit | null>;
}
