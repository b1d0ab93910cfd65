/**
 * Keeps what was made from a text, until the texts kept come to more than `maxChars`;
 * then those not asked for the longest go first. Counted by text, not by entry: a client
 * may send documents as large as a request may be, each of them once.
 */
export function createDocumentCache<T>(maxChars: number): {
  get(text: string): T | undefined;
  set(text: string, value: T): void;
} {
  const kept = new Map<string, T>();
  let chars = 0;

  return {
    get(text) {
      const value = kept.get(text);
      if (value === undefined) return undefined;
      kept.delete(text);
      kept.set(text, value);
      return value;
    },

    set(text, value) {
      if (text.length > maxChars) return;
      if (kept.delete(text)) chars -= text.length;
      kept.set(text, value);
      chars += text.length;
      for (const oldest of kept.keys()) {
        if (chars <= maxChars) return;
        kept.delete(oldest);
        chars -= oldest.length;
      }
    },
  };
}
