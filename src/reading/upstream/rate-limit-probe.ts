import { Failure } from '#src/domain/failure.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/**
 * After the vendor has refused a tenant's call for its rate (429), one goes first when the time that it named
 * is over, and the others wait for what that finds: it may well refuse again, and count what it refuses.
 */
export interface RateLimitProbe {
  /** What to wait for before a call; undefined: nothing. Whoever is told so goes first. */
  before(tenant: Tenant): Promise<void> | undefined;
  /** Learns from a call's answer. */
  succeeded(tenant: Tenant): void;
  /** Learns from what a call failed with. */
  failed(tenant: Tenant, failure: unknown): void;
}

const mostTenants = 10_000;

export function createRateLimitProbe(): RateLimitProbe {
  // With the call that goes first, while it is under way.
  const refused = new Map<Tenant, PromiseWithResolvers<void> | null>();

  const forget = (tenant: Tenant) => {
    refused.get(tenant)?.resolve();
    refused.delete(tenant);
  };
  const remember = (tenant: Tenant) => {
    refused.set(tenant, null);
    for (const oldest of refused.keys()) {
      if (refused.size <= mostTenants) break;
      forget(oldest);
    }
  };
  return {
    before(tenant) {
      const first = refused.get(tenant);
      if (first === null) refused.set(tenant, Promise.withResolvers());
      return first?.promise;
    },
    succeeded: forget,
    failed(tenant, failure) {
      const stays = isRateRefusal(failure) || (refused.has(tenant) && isSilence(failure));
      forget(tenant);
      if (stays) remember(tenant);
    },
  };
}

/** The vendor's own: what the budget refuses has no status. */
const isRateRefusal = (failure: unknown): boolean =>
  failure instanceof Failure && failure.kind === 'rate-limited' && failure.status !== undefined;

/** Says nothing of the rate. */
const isSilence = (failure: unknown): boolean =>
  failure instanceof Failure && (failure.kind === 'unavailable' || failure.kind === 'timeout');
