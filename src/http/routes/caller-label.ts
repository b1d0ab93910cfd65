import { Failure } from '#src/domain/failure.ts';
import type { Admission } from '#src/http/auth/callers.ts';

/** In characters: 48 bits in hexadecimal, or 72 bits in base64url. */
const labelLength = 12;

/**
 * Names a caller in the log by the first characters of a hash: of its key, or of its token's
 * subject or its address, if callers share the server's key. Null: the caller was refused, or was
 * not admitted, because the operation reads no instances.
 */
export function callerLabelOf(admission: Admission | Failure): string | null {
  if (admission instanceof Failure) return null;
  const { tenant, caller } = admission;
  return (caller.kind === 'sharer' ? caller.id : tenant).slice(0, labelLength);
}
