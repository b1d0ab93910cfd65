import { LRUCache } from 'lru-cache';

type Key = string | number;

/**
 * An LRU cache of at most `maxEntries` values. `dispose` is called for each value that is evicted,
 * replaced or deleted.
 *
 * Bounded by `maxSize`, with a size of 1 for each entry: with `max`, lru-cache allocates the arrays
 * for all entries at once, 24 KB for 1000 and 0.4 MB for 20,000.
 */
export const createLru = <K extends Key, V extends object | true>(
  maxEntries: number,
  dispose?: (value: V, key: K) => void,
): LRUCache<K, V> =>
  new LRUCache<K, V>({
    maxSize: maxEntries,
    sizeCalculation: () => 1,
    ...(dispose && { dispose }),
  });
