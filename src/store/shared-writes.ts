import type { Tenant } from '#src/domain/tenant.ts';

/** A write of another replica, as text of the layer above. */
export interface SharedWrite {
  readonly text: string;
  /** Milliseconds since it was published. */
  readonly ageMs: number;
}

/**
 * The writes of all replicas. A replica gets them at once, and again before it reads a page of
 * another replica, should a message have been lost. Never rejects: without Redis, a replica does
 * not learn of the writes of others until it reads their rows from EnviaAI.
 */
export interface SharedWrites {
  publish(tenant: Tenant, text: string): Promise<void>;
  /** The recent writes of other replicas that this one has not had yet. */
  missed(tenant: Tenant): Promise<readonly SharedWrite[]>;
  /** Sets who gets the writes of other replicas from now on. */
  subscribe(onWrite: (tenant: Tenant, write: SharedWrite) => void): void;
}
