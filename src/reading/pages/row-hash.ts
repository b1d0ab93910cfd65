import { hash } from 'node:crypto';
import { weakMemo } from '#src/domain/weak-memo.ts';
import type { Row } from '#src/domain/row.ts';

/**
 * 48 bits of SHA-256 of a row's key. Cursors carry it instead of ids, which can have any length.
 */
export type RowHash = number;

/** The low 32 bits, enough to distinguish neighbours in one list. */
export const shortHashOf = (rowHash: RowHash): number => rowHash >>> 0;

/** The hashes of a page's rows, in their order; memoized for each array of rows. */
export const rowHashesOf = weakMemo((rows: readonly Row[]): readonly RowHash[] =>
  rows.map(({ key }) => hash('sha256', key, 'buffer').readUIntBE(0, 6)),
);

/** Passes memoized hashes on to rows with the same keys in the same order. */
export function copyRowHashes(before: readonly Row[], after: readonly Row[]): void {
  if (before === after) return;
  const haveSameKeys =
    before.length === after.length && before.every(({ key }, at) => key === after[at]?.key);
  if (haveSameKeys) rowHashesOf.copy(before, after);
}
