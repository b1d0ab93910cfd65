import type { HeaderFields } from './reply.ts';

/** The origins whose pages may call this server: all of this machine, or a list. */
export type Cors =
  | { readonly kind: 'localhost' }
  | { readonly kind: 'origins'; readonly origins: readonly string[] };

const none: HeaderFields = {};

/**
 * The CORS headers of a response. Credentials are never allowed: a page sends a key explicitly, and
 * a browser must not add cookies.
 */
export function corsHeaders(cors: Cors, origin: string | undefined): HeaderFields {
  if (origin === undefined || !allowsOrigin(cors, origin)) return none;
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'x-request-id',
  };
}

/** The CORS headers of the response to a preflight request. */
export function preflightHeaders(cors: Cors, origin: string | undefined): HeaderFields {
  const allowed = corsHeaders(cors, origin);
  if (allowed === none) return none;
  return {
    ...allowed,
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'content-type, authorization, x-request-id, cache-control',
    'access-control-max-age': '600',
  };
}

/** Whether pages of this origin may call the server. */
export function allowsOrigin(cors: Cors, origin: string): boolean {
  if (cors.kind === 'origins') return cors.origins.includes(origin);
  if (!URL.canParse(origin)) return false;
  const { hostname, origin: parsed, protocol } = new URL(origin);
  // The value is copied into a response header, so it must be an origin and nothing else.
  if (parsed !== origin || !/^https?:$/.test(protocol)) return false;
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) || hostname.endsWith('.localhost');
}
