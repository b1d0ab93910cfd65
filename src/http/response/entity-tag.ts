import { createHash } from 'node:crypto';
import type { Reply } from './reply.ts';

/**
 * A weak entity tag (RFC 9110, section 8.8.3) of a response's data. Weak, because the rest of the
 * response (its cost and age) and its content coding may differ.
 */
export const entityTagOf = (data: Uint8Array): string =>
  `W/"${createHash('sha256').update(data).digest('base64url')}"`;

/** The reply with its entity tag; if the client has the same data, 304 without a body. */
export function withEntityTag(reply: Reply, tag: string, ifNoneMatch: string | undefined): Reply {
  const { 'content-type': _, ...kept } = reply.headers ?? {};
  return matches(tag, ifNoneMatch)
    ? { status: 304, headers: { ...kept, etag: tag } }
    : { ...reply, headers: { ...reply.headers, etag: tag } };
}

/** Whether `If-None-Match` has the tag, by the weak comparison (RFC 9110, section 8.8.3.2). */
function matches(tag: string, ifNoneMatch = ''): boolean {
  if (ifNoneMatch.trim() === '*') return true;
  return (ifNoneMatch.match(/"[^"]*"/g) ?? []).some((opaque) => tag === `W/${opaque}`);
}
