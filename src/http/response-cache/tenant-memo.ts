type OwnerOf = (apiKey: string) => string;

/** Upper bound on the keys of one connection: a gateway may use one connection for many callers. */
const mostKeys = 32;

/**
 * Memoizes the tenant of each key for the lifetime of the connection that sent the key. Hashing a
 * key takes as long as looking up a cached response. After the connection is closed, the
 * memo does not reference the key.
 */
export function memoizeTenant(ownerOf: OwnerOf): (apiKey: string, connection: object) => string {
  const connections = new WeakMap<object, Map<string, string>>();

  const keysOf = (connection: object): Map<string, string> => {
    const known = connections.get(connection);
    if (known) return known;
    const keys = new Map<string, string>();
    connections.set(connection, keys);
    return keys;
  };

  return (apiKey, connection) => {
    const keys = keysOf(connection);
    const known = keys.get(apiKey);
    if (known !== undefined) return known;
    const owner = ownerOf(apiKey);
    if (keys.size >= mostKeys) keys.clear();
    keys.set(apiKey, owner);
    return owner;
  };
}
