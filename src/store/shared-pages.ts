import type { Tenant } from '#src/domain/tenant.ts';

/** An answer's bytes, and when the call behind it was sent, by this replica's clock or a little earlier. */
export interface StoredResponse {
  readonly kind: 'kept';
  readonly bytes: Buffer;
  readonly sentAt: number;
}

/** The right to make a call while the other replicas wait for its answer. It ends with either, or soon after this process does. */
export interface Claim {
  readonly kind: 'claim';
  /** Hands the answer to all; it counts from when its call was sent. */
  readonly put: (bytes: Buffer, sentAt: number) => Promise<void>;
  /** Gives the right back, if it was not used. */
  readonly release: () => Promise<void>;
}

/** What an answer has to be, to be as good as one that was called for. Times are by this replica's clock. */
export interface ResponseRequirement {
  /** It came later: it was under way when its asker began, or was called for since. */
  readonly receivedAfter: number;
  readonly sentSince: number;
}

export interface LookupResult {
  readonly kept: StoredResponse | undefined;
  /** When the vendor last refused the key to any replica; undefined: not lately. */
  readonly droppedAt: number | undefined;
}

/** What replicas share of answers. It never rejects: where there is nothing to share, each goes by itself. */
export interface SharedPages {
  /** The answer of this name, if it was sent later than `after`. */
  find(tenant: Tenant, name: string, after: number): Promise<LookupResult>;
  /** An answer that fulfils the wish, waited for where another replica is calling; else the right to call. */
  claim(tenant: Tenant, name: string, wish: ResponseRequirement): Promise<StoredResponse | Claim>;
  /** Forgets all answers that the tenant's calls up to now have brought. */
  drop(tenant: Tenant): Promise<void>;
}
