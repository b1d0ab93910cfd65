import type { Tenant } from '#src/domain/tenant.ts';

/** The current window of a tenant's budget. */
export interface BudgetState {
  readonly limit: number;
  /** Requests that may still be sent: EnviaAI's last count, less what was sent since. */
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
  /** Replicas that took from this tenant's window in the last 15 s, including this one. */
  readonly activeReplicas: number;
}

export interface TakeRequest {
  readonly now: number;
  /** The limit of a window that no response has reported yet. */
  readonly assumedLimit: number;
  /** Share of the limit that must remain, from 0 to 1. */
  readonly reserve: number;
}

/** What a response reported about the window. Undefined: not reported. */
export interface BudgetUpdate {
  readonly now: number;
  readonly limit?: number | undefined;
  readonly remaining?: number | undefined;
  readonly resetAtMs?: number | undefined;
  readonly pausedUntilMs?: number | undefined;
}

/** Counts each tenant's requests. Every operation is atomic, also between replicas of one store. */
export interface BudgetStore {
  /** Takes one request from the budget if it may be sent now. */
  take(tenant: Tenant, request: TakeRequest): Promise<TakeResult>;
  update(tenant: Tenant, update: BudgetUpdate): Promise<void>;
}
