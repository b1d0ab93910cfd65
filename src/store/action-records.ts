import type { Tenant } from '#src/domain/tenant.ts';

/** An action that has begun here: nobody else begins it until one of these is called. */
export interface BegunAction {
  readonly kind: 'begun';
  /** Records the outcome for everybody who asks for it within this time. */
  readonly finish: (outcome: string, lifetimeMs: number) => Promise<void>;
  /** The action did not happen: the next caller begins it. */
  readonly undo: () => Promise<void>;
}

export type ActionRecord =
  | { readonly kind: 'finished'; readonly outcome: string }
  /** The process that began it has stopped without an outcome, or cannot be asked for it. */
  | { readonly kind: 'lost' }
  | BegunAction;

export interface BeginOptions {
  /** How long an action counts as lost whose process has stopped, in milliseconds. */
  readonly lostMs: number;
  /** Ends the wait for an action in flight. */
  readonly signal: AbortSignal;
}

/** Outcomes of actions that must not happen twice, shared by all replicas. */
export interface ActionRecords {
  /**
   * The outcome of an action, if necessary after it has finished; else the right to begin it.
   * Rejects with a `timeout` if the signal is aborted meanwhile.
   */
  begin(tenant: Tenant, name: string, options: BeginOptions): Promise<ActionRecord>;
  /** Forgets an action that has finished. */
  forget(tenant: Tenant, name: string): Promise<void>;
}
