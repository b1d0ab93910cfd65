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
  check(call: KeyUse): void;
  /** Remembers a failure that refuses the key; false: the failure says nothing about the key. */
  remember(call: KeyUse, failure: unknown): boolean;
}

export interface KeyUse {
  readonly tenant: Tenant;
  /** EnviaAI may forbid this call to a key that may read, or the other way round. */
  readonly hasOwnScope?: boolean | undefined;
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
    check({ tenant, hasOwnScope = false }) {
      const rejection = rejections.get(tenant);
      if (!rejection || (hasOwnScope && rejection.kind === 'forbidden')) return;
      const { kind, message, details, until } = rejection;
      if (until > now()) throw new Failure(kind, message, details);
      rejections.delete(tenant);
    },
    remember({ tenant, hasOwnScope = false }, failure) {
      if (!(failure instanceof Failure)) return false;
      if (failure.kind !== 'unauthorized' && failure.kind !== 'forbidden') return false;
      if (hasOwnScope && failure.kind === 'forbidden') return false;
      const { kind, message, upstreamCode, upstreamRequestId, status } = failure;
      const details = { upstreamCode, upstreamRequestId, status };
      rejections.set(tenant, { kind, message, details, until: now() + rememberedMs });
      return true;
    },
  };
}
