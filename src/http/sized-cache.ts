export interface SizedCache<T, K = string> {
  get(key: K): T | undefined;
  set(key: K, value: T): void;
  /** Of all that is kept. */
  size(): number;
}

interface Entry<T> {
  readonly value: T;
  readonly size: number;
  /** Asked for since it last came to be looked at for dropping. */
  used: boolean;
}

/**
 * Keeps values until their sizes come to more than `mostSize`; then those go first that were not asked
 * for in a while. By size, not by count: what is kept may be as large as a request, and each of it once.
 */
export function createSizedCache<T, K = string>(
  mostSize: number,
  sizeOf: (key: K, value: T) => number,
): SizedCache<T, K> {
  // The longest kept first. To ask for one moves nothing: it gets a second chance when its turn has come.
  const kept = new Map<K, Entry<T>>();
  let size = 0;

  const drop = (key: K) => {
    size -= kept.get(key)?.size ?? 0;
    kept.delete(key);
  };

  const makeRoom = () => {
    for (const [key, entry] of kept) {
      if (size <= mostSize) return;
      if (entry.used) {
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
      drop(key);
      const entry = { value, size: sizeOf(key, value), used: false };
      if (entry.size > mostSize) return;
      kept.set(key, entry);
      size += entry.size;
      makeRoom();
    },

    size: () => size,
  };
}
