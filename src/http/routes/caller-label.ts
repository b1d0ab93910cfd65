import { Failure } from '#src/domain/failure.ts';
import { tenantOf } from '#src/domain/tenant.ts';
import type { Admission } from '#src/http/auth/callers.ts';
import { createTenantMemo } from '#src/http/response-cache/tenant-memo.ts';

/** In characters: 48 bits in hexadecimal, or 72 bits in base64url. */
const labelLength = 12;

/**
 * Names a caller in the log by the first characters of a hash: of its key, or of its token's
 * subject or its address, if callers share the server's key. Null: the caller was refused, or was
 * not admitted, because the operation reads no instances.
 */
export type CallerLabel = (admission: Admission | Failure, connection: object) => string | null;

export function createCallerLabel(): CallerLabel {
  const memo = createTenantMemo(tenantOf);
  return (admission, connection) => {
    if (admission instanceof Failure) return null;
    const { apiKey, caller } = admission;
    const hash = caller.kind === 'sharer' ? caller.id : memo(apiKey, connection);
    return hash.slice(0, labelLength);
  };
}
