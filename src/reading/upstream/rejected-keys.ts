import { Failure } from '#src/domain/failure.ts';
import type { Tenant } from '#src/domain/tenant.ts';

/** A refused key is remembered so long, so that a client which keeps asking with it costs no calls. */
const rememberedMs = 5000;

const mostTenants = 10_000;

/** The keys that the vendor lately refused (401, 403). */
export function createRejectedKeys(now: () => number) {
  const refusals = new Map<Tenant, { readonly failure: Failure; readonly until: number }>();
  return {
    check(tenant: Tenant): void {
      const refusal = refusals.get(tenant);
      if (!refusal) return;
      if (refusal.until > now()) throw refusal.failure;
      refusals.delete(tenant);
    },
    /** Whether the failure is a refusal of the key; it is remembered then. */
    remember(tenant: Tenant, failure: unknown): boolean {
      if (!(failure instanceof Failure)) return false;
      if (failure.kind !== 'unauthorized' && failure.kind !== 'forbidden') return false;
      refusals.delete(tenant);
      refusals.set(tenant, { failure, until: now() + rememberedMs });
      for (const oldest of refusals.keys()) {
        if (refusals.size <= mostTenants) break;
        refusals.delete(oldest);
      }
      return true;
    },
  };
}
