import { LRUCache } from 'lru-cache';
import { Failure, type FailureDetails, type FailureKind } from '#src/domain/failure.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/** How long a rejected key is remembered: a client that repeats it costs no call meanwhile. */
const rememberedMs = 5000;

const maxTenants = 10_000;

/** The keys that EnviaAI refused lately, with a documented code. */
export interface RejectedKeys {
  /** Throws EnviaAI's refusal again for a key that is remembered. */
  check(tenant: Tenant): void;
  /** Remembers a failure that refuses the key; false: the failure says nothing about the key. */
  remember(tenant: Tenant, failure: unknown): boolean;
}

/**
 * What a refusal says, without the stack of its failure, which would keep the whole call in memory.
 */
interface Rejection {
  readonly kind: FailureKind;
  readonly message: string;
  readonly details: FailureDetails;
  readonly until: number;
}

export function createRejectedKeys(
  now: () => number,
  track: TrackEntries = untracked,
): RejectedKeys {
  const rejections = new LRUCache<Tenant, Rejection>({ max: maxTenants });
  track('refused_keys', () => rejections.size);
  return {
    check(tenant) {
      const rejection = rejections.get(tenant);
      if (!rejection) return;
      const { kind, message, details, until } = rejection;
      if (until > now()) throw new Failure(kind, message, details);
      rejections.delete(tenant);
    },
    remember(tenant, failure) {
      if (!(failure instanceof Failure)) return false;
      if (failure.kind !== 'unauthorized' && failure.kind !== 'forbidden') return false;
      const { kind, message, upstreamCode, upstreamRequestId, status } = failure;
      const details = { upstreamCode, upstreamRequestId, status };
      rejections.set(tenant, { kind, message, details, until: now() + rememberedMs });
      return true;
    },
  };
}
