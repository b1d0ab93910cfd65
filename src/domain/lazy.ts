/** Makes a value when it is first asked for, then returns the same one (memoizes a function without arguments). */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
