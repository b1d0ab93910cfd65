export interface SizedCache<T, K = string> {
  get(key: K): T | undefined;
  set(key: K, value: T): void;
  /** Of all that is kept. */
  size(): number;
}

interface Entry<T> {
  value: T;
  size: number;
  /** Asked for, or set again, since it last came to be looked at for dropping. */
  used: boolean;
}

/**
 * Keeps values until their sizes come to more than `mostSize`; then those go first that were not asked
 * for in a while. By size, not by count: what is kept may be as large as a request, and each of it once.
 *
 * To ask for one, or to set it again, moves nothing: it gets a second chance when its turn has come. To
 * take keys out of a map and put them in again makes V8 build it anew all the time, and what the maps
 * before it held stays in memory for long.
 */
export function createSizedCache<T, K = string>(
  mostSize: number,
  sizeOf: (key: K, value: T) => number,
): SizedCache<T, K> {
  // The longest kept first.
  const kept = new Map<K, Entry<T>>();
  let size = 0;

  const drop = (key: K) => {
    size -= kept.get(key)?.size ?? 0;
    kept.delete(key);
  };

  const makeRoom = (added: number, own?: Entry<T>) => {
    for (const [key, entry] of kept) {
      if (size + added <= mostSize) return;
      if (entry.used || entry === own) {
        entry.used = false;
        kept.delete(key);
        kept.set(key, entry);
      } else drop(key);
    }
  };

  return {
    get(key) {
      const entry = kept.get(key);
      if (entry === undefined) return undefined;
      entry.used = true;
      return entry.value;
    },

    set(key, value) {
      const added = sizeOf(key, value);
      if (added > mostSize) return drop(key);
      const entry = kept.get(key);
      if (entry) {
        size += added - entry.size;
        Object.assign(entry, { value, size: added, used: true });
        makeRoom(0, entry);
      } else {
        // Before it is there: whoever comes has had no chance yet.
        makeRoom(added);
        kept.set(key, { value, size: added, used: false });
        size += added;
      }
    },

    size: () => size,
  };
}

/** Keeps so many values, in the same way. */
export const createCountedCache = <T, K = string>(most: number): SizedCache<T, K> =>
  createSizedCache(most, () => 1);
