import type { Tenant } from '#src/domain/tenant.ts';

/** What is known of a tenant's window. */
export interface BudgetState {
  readonly limit: number;
  /** Requests that may still be sent, by the vendor's word less what was sent since. */
  readonly remaining: number;
  /** By our clock. */
  readonly resetAtMs: number;
  /** Nothing is sent until then; in the past: no pause. */
  readonly pausedUntilMs: number;
  /** The vendor has not spoken of this window yet: its limit, and when it resets, are guesses. */
  readonly assumed: boolean;
}

/** How the budget stands after one was asked for. */
export interface TakeResult extends BudgetState {
  readonly taken: boolean;
  /** How many replicas lately took from this tenant's window, this one among them. */
  readonly sharers: number;
}

export interface TakeRequest {
  readonly now: number;
  /** The limit of a window of which nothing was heard yet. */
  readonly assumedLimit: number;
  /** How much of the limit has to stay, from 0 to 1. */
  readonly keepBack: number;
}

/** What an answer told of the window. Absent: it did not say. */
export interface BudgetUpdate {
  readonly now: number;
  readonly limit?: number | undefined;
  readonly remaining?: number | undefined;
  readonly resetAtMs?: number | undefined;
  readonly pausedUntilMs?: number | undefined;
}

/** Counts each tenant's requests. Every operation is atomic, also between replicas that share a store. */
export interface BudgetStore {
  /** Takes one request if it may be sent now, and tells how the budget stands. */
  take(tenant: Tenant, take: TakeRequest): Promise<TakeResult>;
  update(tenant: Tenant, lesson: BudgetUpdate): Promise<void>;
}
