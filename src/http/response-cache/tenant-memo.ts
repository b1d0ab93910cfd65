type OwnerOf = (apiKey: string) => string;

/** Of one connection: a gateway may ask for many callers on it. */
const mostKeys = 32;

/**
 * The same, remembered for as long as the connection lasts that the key came on: to hash it anew takes
 * as long as to look its answer up. No key outlives its connection by this.
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
