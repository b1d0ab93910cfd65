/** Counts what there is of each key. A key without any takes no memory. */
export interface Tally<Key> {
  readonly count: (key: Key) => number;
  add(key: Key): void;
  /** Takes back one `add`. */
  remove(key: Key): void;
}

export function createTally<Key>(): Tally<Key> {
  const counts = new Map<Key, number>();
  const count = (key: Key): number => counts.get(key) ?? 0;
  return {
    count,
    add: (key) => void counts.set(key, count(key) + 1),
    remove(key) {
      const left = count(key) - 1;
      if (left > 0) counts.set(key, left);
      else counts.delete(key);
    },
  };
}
