/** The parts of a request target. */
export interface RequestTarget {
  /** As it was sent, not decoded and not normalized. */
  readonly path: string;
  /** The raw query string: the part after "?". */
  readonly query: string;
  /** The host, with its port if it has one. Null: the target names none. */
  readonly authority: string | null;
}

/**
 * Splits a request target. A client sends a path (origin form), or a whole URL if it takes this
 * server for a proxy (absolute form). A server has to accept both (RFC 9112, section 3.2.2).
 */
export function requestTargetOf(target: string): RequestTarget {
  const [, authority = null, rest = target] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(target) ?? [];
  const end = rest.includes('?') ? rest.indexOf('?') : rest.length;
  const path = rest.slice(0, end);
  return {
    path: authority !== null && path === '' ? '/' : path,
    query: rest.slice(end + 1),
    authority,
  };
}
