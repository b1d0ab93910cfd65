import { LRUCache } from 'lru-cache';
import { Failure } from '#src/domain/failure.ts';
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

export function createRejectedKeys(now: () => number): RejectedKeys {
  const rejections = new LRUCache<Tenant, { readonly failure: Failure; readonly until: number }>({
    max: maxTenants,
  });
  return {
    check(tenant) {
      const rejection = rejections.get(tenant);
      if (!rejection) return;
      if (rejection.until > now()) throw rejection.failure;
      rejections.delete(tenant);
    },
    remember(tenant, failure) {
      if (!(failure instanceof Failure)) return false;
      if (failure.kind !== 'unauthorized' && failure.kind !== 'forbidden') return false;
      rejections.set(tenant, { failure, until: now() + rememberedMs });
      return true;
    },
  };
}
