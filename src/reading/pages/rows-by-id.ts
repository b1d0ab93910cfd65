import type { Row } from '#src/domain/row.ts';
import { weakMemo } from '#src/domain/weak-memo.ts';

/** A page's rows by their keys; memoized for each array of rows. */
export const rowsById = weakMemo(
  (rows: readonly Row[]): ReadonlyMap<string, Row> => new Map(rows.map((row) => [row.key, row])),
);
