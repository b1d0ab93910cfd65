import type { HeaderFields } from './reply.ts';

export type Cors =
  | { readonly kind: 'localhost' }
  | { readonly kind: 'origins'; readonly origins: readonly string[] };

const none: HeaderFields = {};

/** What a page of this origin may read. Never with credentials: a key is sent on purpose or not at all. */
export function corsHeaders(cors: Cors, origin: string | undefined): HeaderFields {
  if (origin === undefined || !isAllowed(cors, origin)) return none;
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'x-request-id',
  };
}

/** The same for a preflight: what such a page may send. */
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

function isAllowed(cors: Cors, origin: string): boolean {
  if (cors.kind === 'origins') return cors.origins.includes(origin);
  if (!URL.canParse(origin)) return false;
  const { hostname, origin: parsed, protocol } = new URL(origin);
  // Equal to what was parsed: so nothing but an origin is ever repeated in a header.
  if (parsed !== origin || !/^https?:$/.test(protocol)) return false;
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) || hostname.endsWith('.localhost');
}
