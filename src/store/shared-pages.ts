import type { Tenant } from '#src/domain/tenant.ts';

/** The bytes of a response that a replica has shared. */
export interface StoredResponse {
  readonly kind: 'response';
  readonly bytes: Buffer;
  /** When its call was sent: by this replica's clock, or a little earlier. */
  readonly sentAt: number;
}

/**
 * The right to make a call, while the other replicas wait for its response. It ends with `put` or
 * `release`, or about one second after this process stops.
 */
export interface Claim {
  readonly kind: 'claim';
  /** Shares the response with all replicas. `sentAt` is when its call was sent. */
  readonly put: (bytes: Buffer, sentAt: number) => Promise<void>;
  /** Ends the claim without a response; does nothing after `put`. */
  readonly release: () => Promise<void>;
}

/** How recent a shared response must be to replace a call. Times are by this replica's clock. */
export interface ResponseRequirement {
  /** It was received after this time, so that its call was in flight or newer. */
  readonly receivedAfter: number;
  readonly sentSince: number;
}

export interface LookupResult {
  readonly response: StoredResponse | undefined;
  /** When EnviaAI last refused the key to any replica; undefined: not recently. */
  readonly droppedAt: number | undefined;
}

/**
 * The responses that replicas share. Never rejects: without a shared response, each makes its call.
 */
export interface SharedPages {
  /** The response of this name, if its call was sent after `after`. */
  find(tenant: Tenant, name: string, after: number): Promise<LookupResult>;
  /**
   * Single-flight between replicas: a response that meets the requirement, if necessary that of
   * another replica's call in flight; else the right to make the call.
   */
  claim(
    tenant: Tenant,
    name: string,
    requirement: ResponseRequirement,
  ): Promise<StoredResponse | Claim>;
  /** Deletes all responses to calls that this tenant has sent so far. */
  drop(tenant: Tenant): Promise<void>;
}
