import type { Tenant } from '#src/domain/tenant.ts';

/** Longer keys are hashed each time. EnviaAI's keys are shorter. */
const maxKeyLength = 256;

/**
 * Memoizes the tenant of the last API key that came on a connection: a client sends the same key
 * with every request, and SHA-256 takes a tenth of a cache hit's CPU time. The memory is bounded by
 * one key of at most {@link maxKeyLength} characters for each connection, and no key outlives its
 * connection by this.
 */
export function createTenantMemo(
  tenantOf: (apiKey: string) => Tenant,
): (apiKey: string, connection: object) => Tenant {
  const lastByConnection = new WeakMap<
    object,
    { readonly apiKey: string; readonly tenant: Tenant }
  >();
  return (apiKey, connection) => {
    const last = lastByConnection.get(connection);
    if (last?.apiKey === apiKey) return last.tenant;
    const tenant = tenantOf(apiKey);
    if (apiKey.length <= maxKeyLength) lastByConnection.set(connection, { apiKey, tenant });
    return tenant;
  };
}
