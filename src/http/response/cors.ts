import type { HeaderFields } from './reply.ts';

/**
 * The origins whose pages may call this server: all of this machine, or a list, in lower case. In
 * the list, `https://*.example.com` matches every host with one label more.
 */
export type Cors =
  | { readonly kind: 'localhost' }
  | { readonly kind: 'origins'; readonly origins: readonly string[] };

const none: HeaderFields = {};

/** The name of a header (RFC 9110, section 5.1). */
const fieldName = /^[!#$%&'*+.^_`|~\w-]+$/;

const usualHeaders = 'content-type, authorization, x-request-id, cache-control';

/**
 * The CORS headers of a response. Credentials are never allowed: a page sends a key explicitly, and
 * a browser must not add cookies.
 */
export function corsHeaders(cors: Cors, origin: string | undefined): HeaderFields {
  if (origin === undefined || !allowsOrigin(cors, origin)) return none;
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'x-request-id, etag',
  };
}

/** A preflight request of a browser, before a page's request. */
export interface Preflight {
  readonly origin: string | undefined;
  /** The names of the headers that the page wants to send. */
  readonly requestedHeaders: string | undefined;
}

/**
 * The CORS headers of the response to a preflight request. A page of an allowed origin may send any
 * header, such as `traceparent` or a client's name: no cookie gives a header a meaning.
 */
export function preflightHeaders(cors: Cors, preflight: Preflight): HeaderFields {
  const allowed = corsHeaders(cors, preflight.origin);
  if (allowed === none) return none;
  const { requestedHeaders = '' } = preflight;
  const names = requestedHeaders.split(',').map((name) => name.trim());
  return {
    ...allowed,
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': names.every((name) => fieldName.test(name))
      ? names.join(', ')
      : usualHeaders,
    'access-control-max-age': '600',
  };
}

/** Whether pages of this origin may call the server. */
export function allowsOrigin(cors: Cors, origin: string): boolean {
  if (cors.kind === 'origins') return isListed(cors.origins, origin);
  if (!URL.canParse(origin)) return false;
  const { hostname, origin: parsed, protocol } = new URL(origin);
  // The value is copied into a response header, so it must be an origin and nothing else.
  if (parsed !== origin || !/^https?:$/.test(protocol)) return false;
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) || hostname.endsWith('.localhost');
}

function isListed(origins: readonly string[], origin: string): boolean {
  if (origin.includes('*')) return false;
  if (origins.includes(origin)) return true;
  const [, scheme, rest] = /^(https?:\/\/)[a-z\d_-]+\.(.+)$/.exec(origin) ?? [];
  return scheme !== undefined && origins.includes(`${scheme}*.${rest}`);
}
