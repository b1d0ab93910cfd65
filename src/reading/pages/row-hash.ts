import { hash } from 'node:crypto';
import type { Row } from '#src/domain/row.ts';

/** 48 bits of a row's key: what a cursor carries instead of ids, whose length is the vendor's choice. */
export type RowHash = number;

/** The low 32 of them: enough to know a neighbour by, among the rows of one list. */
export const shortHashOf = (print: RowHash): number => print >>> 0;

/** Of keys met lately: a list that is read again has mostly the same. Some 10 MB of them. */
const mostPrints = 50_000;

const prints = new Map<string, RowHash>();

function printOf(key: string): RowHash {
  const known = prints.get(key);
  if (known !== undefined) return known;
  const print = hash('sha256', key, 'buffer').readUIntBE(0, 6);
  if (prints.size >= mostPrints) prints.clear();
  prints.set(key, print);
  return print;
}

const known = new WeakMap<readonly Row[], readonly RowHash[]>();

/** The prints of a page's rows, in their order; made once for as long as the rows stay the same. */
export function rowHashesOf(rows: readonly Row[]): readonly RowHash[] {
  const made = known.get(rows) ?? rows.map(({ key }) => printOf(key));
  known.set(rows, made);
  return made;
}

/** Other rows of the same keys, in the same order, have the same prints. */
export function keepPrints(before: readonly Row[], after: readonly Row[]): void {
  const made = known.get(before);
  if (made) known.set(after, made);
}
