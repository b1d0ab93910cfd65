export interface WeakMemo<Key extends object, Value> {
  (key: Key): Value;
  /**
   * Gives one object the result of another, where the function is known to have the same for both.
   */
  readonly copy: (from: Key, to: Key) => void;
}

/** Memoizes a pure function of an object; each result lives as long as its object. */
export function weakMemo<Key extends object, Value>(
  compute: (key: Key) => Value,
): WeakMemo<Key, Value> {
  const results = new WeakMap<Key, Value>();
  const memoized = (key: Key): Value => {
    const known = results.get(key);
    if (known !== undefined) return known;
    const value = compute(key);
    results.set(key, value);
    return value;
  };
  return Object.assign(memoized, {
    copy(from: Key, to: Key) {
      const known = results.get(from);
      if (known !== undefined) results.set(to, known);
    },
  });
}
