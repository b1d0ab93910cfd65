import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether one of the secrets has signed the body: `sha256=<hex HMAC-SHA256>` [D]. Takes the same
 * time for every signature that has the right form.
 */
export function isSigned(
  body: Buffer,
  signature: string | undefined,
  secrets: readonly string[],
): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(signature ?? '')?.[1];
  if (hex === undefined) return false;
  const sent = Buffer.from(hex, 'hex');
  const matches = secrets.map((secret) =>
    timingSafeEqual(createHmac('sha256', secret).update(body).digest(), sent),
  );
  return matches.includes(true);
}
