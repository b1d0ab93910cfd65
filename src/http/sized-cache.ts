export interface SizedCache<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  /** Of all that is kept. */
  size(): number;
}

/**
 * Keeps values until their sizes come to more than `mostSize`; then those not asked for the longest go
 * first. By size, not by count: what is kept may be as large as a request, and each of it once.
 */
export function createSizedCache<T>(
  mostSize: number,
  sizeOf: (key: string, value: T) => number,
): SizedCache<T> {
  const kept = new Map<string, { readonly value: T; readonly size: number }>();
  let size = 0;

  const drop = (key: string) => {
    size -= kept.get(key)?.size ?? 0;
    kept.delete(key);
  };

  return {
    get(key) {
      const entry = kept.get(key);
      if (entry === undefined) return undefined;
      kept.delete(key);
      kept.set(key, entry);
      return entry.value;
    },

    set(key, value) {
      drop(key);
      const entry = { value, size: sizeOf(key, value) };
      if (entry.size > mostSize) return;
      kept.set(key, entry);
      size += entry.size;
      for (const oldest of kept.keys()) {
        if (size <= mostSize) return;
        drop(oldest);
      }
    },

    size: () => size,
  };
}
