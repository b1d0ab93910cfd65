/** Memoizes a function without arguments: `create` runs at the first call only. */
export function lazy<T>(create: () => T): () => T {
  let memo: { readonly value: T } | undefined;
  return () => (memo ??= { value: create() }).value;
}
