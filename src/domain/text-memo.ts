import { copyText } from './copies.ts';

export interface TextMemoOptions {
  /** All results are dropped when there are this many. */
  readonly maxEntries: number;
  /** The result of a longer text is computed each time. In characters. */
  readonly maxLength: number;
}

/** Memoizes a pure function of a text that clients send again and again, such as a header. */
export function textMemo<Value extends {} | null>(
  compute: (text: string) => Value,
  { maxEntries, maxLength }: TextMemoOptions,
): (text: string) => Value {
  const results = new Map<string, Value>();
  return (text) => {
    const known = results.get(text);
    if (known !== undefined) return known;
    const value = compute(text);
    if (text.length > maxLength) return value;
    if (results.size >= maxEntries) results.clear();
    // A copy: the text can be a part of a longer one, which would stay in memory.
    results.set(copyText(text), value);
    return value;
  };
}
