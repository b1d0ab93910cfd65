import { LRUCache } from 'lru-cache';
import { Failure } from '#src/domain/failure.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/**
 * After a 429, one call probes when EnviaAI's wait is over, and the tenant's other calls wait for
 * its outcome: EnviaAI can refuse again, and can count the calls that it refuses.
 */
export interface RateLimitProbe {
  /** What a call waits for; undefined: nothing, and after a 429 this call is the probe. */
  before(tenant: Tenant): Promise<void> | undefined;
  succeeded(tenant: Tenant): void;
  failed(tenant: Tenant, failure: unknown): void;
}

const maxTenants = 10_000;

interface RefusedTenant {
  /** The probe in flight. */
  probe: PromiseWithResolvers<void> | null;
}

export function createRateLimitProbe(track: TrackEntries = untracked): RateLimitProbe {
  // A tenant that is evicted must not block the calls that wait for its probe.
  const refused = new LRUCache<Tenant, RefusedTenant>({
    max: maxTenants,
    dispose: ({ probe }) => probe?.resolve(),
  });
  track('probes', () => refused.size);

  return {
    before(tenant) {
      const state = refused.get(tenant);
      if (!state) return undefined;
      if (state.probe) return state.probe.promise;
      state.probe = Promise.withResolvers();
      return undefined;
    },
    succeeded: (tenant) => void refused.delete(tenant),
    failed(tenant, failure) {
      const isUndecided = refused.has(tenant) && isSilence(failure);
      refused.delete(tenant);
      if (isVendorRateLimit(failure) || isUndecided) refused.set(tenant, { probe: null });
    },
  };
}

/** A refusal by EnviaAI: one by the budget has no status. */
const isVendorRateLimit = (failure: unknown): boolean =>
  failure instanceof Failure && failure.kind === 'rate-limited' && failure.status !== undefined;

/** No response: the outcome says nothing about the rate. */
const isSilence = (failure: unknown): boolean =>
  failure instanceof Failure && (failure.kind === 'unavailable' || failure.kind === 'timeout');
