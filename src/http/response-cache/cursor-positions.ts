import type { WalkStart } from '#src/reading/session/validator.ts';

/** Where the cursors of a body are: for each walk start, the positions of its text, in bytes. */
export type CursorPositions = readonly (readonly number[])[];

const quote = '"';

/**
 * Finds the cursors of a response in one pass over its strings. Null: a text of the response is
 * equal to a cursor, such as the name of an instance, so that it is not known which is which.
 *
 * It is known how many fields have each cursor. If its text occurs as many times, every occurrence
 * is the cursor. A string that ends with an escaped quote and the text is found, too, and counts.
 */
export function cursorPositions(
  data: Buffer,
  walkStarts: readonly WalkStart[],
): CursorPositions | null {
  const found = new Map<string, number[]>(walkStarts.map(({ cursor }) => [cursor, []]));
  if (found.size > 0) {
    const lengths = new Set(walkStarts.map(({ cursor }) => cursor.length));
    // A character for each byte. Cursors are ASCII.
    const text = data.toString('latin1');
    let start = text.indexOf(quote);
    while (start >= 0) {
      const end = text.indexOf(quote, start + 1);
      if (lengths.has(end - start - 1)) found.get(text.slice(start + 1, end))?.push(start + 1);
      start = end;
    }
  }
  const positions = walkStarts.map(({ cursor }) => found.get(cursor) ?? []);
  return positions.every(({ length }, index) => length === walkStarts[index]?.fields)
    ? positions
    : null;
}
