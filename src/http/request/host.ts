import type { IncomingMessage } from 'node:http';
import { HttpError } from '#src/http/response/http-error.ts';
import { headerValues } from './header-values.ts';

/**
 * The host that a request is for: the one of a target in absolute form, else that of `Host`.
 * Undefined: an HTTP/1.0 request names none. Throws a 400 error for a request without `Host`, or
 * with two (RFC 9112, section 3.2); also beside a target that has a host, which replaces it.
 */
export function hostOf(
  { rawHeaders, httpVersion }: Pick<IncomingMessage, 'rawHeaders' | 'httpVersion'>,
  authority: string | null,
): string | undefined {
  const [host, ...others] = headerValues(rawHeaders, 'host');
  if (others.length > 0 || (host === undefined && httpVersion !== '1.0')) {
    throw new HttpError(400, 'The request must have one Host header.');
  }
  if (authority === null) return host;
  // A user name before the host is meant to deceive readers of the URL (RFC 9110, section 4.2.4).
  if (authority !== '' && !authority.includes('@')) return authority;
  throw new HttpError(400, 'The URL of the request must have a host, and no user name.');
}
