type OwnerOf = (apiKey: string) => string;

/**
 * The same, remembered for as long as the connection lasts that the key came on: most carry one key.
 * To hash it anew takes as long as to look its answer up. No key outlives its connection by this.
 */
export function rememberingOwners(
  ownerOf: OwnerOf,
): (apiKey: string, connection: object) => string {
  const last = new WeakMap<object, { readonly apiKey: string; readonly owner: string }>();
  return (apiKey, connection) => {
    const known = last.get(connection);
    if (known?.apiKey === apiKey) return known.owner;
    const owner = ownerOf(apiKey);
    last.set(connection, { apiKey, owner });
    return owner;
  };
}
