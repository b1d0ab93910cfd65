import type { Row } from '#src/domain/row.ts';
import { extentOf, type ListAnswer, type ListQuery } from './answers.ts';
import { closingBracket, comma, endOfSpace } from './json-bytes.ts';
import { keepLayout, type Layout, layoutOf, tailOf } from './layout.ts';
import { isRefusal } from './refusal.ts';
import { type Reading, takeKnown, takeNew } from './reread-rows.ts';
import { isFields, jsonIn } from './wire.ts';

/** More rows than these and than half of them read one by one cost more than the page as a whole. */
const mostStrays = 8;

/**
 * Reads a page of which an earlier version is known: rows whose bytes are the same are the known ones themselves, and
 * only the others are parsed. The answer equals what is read as a whole; null where it has to be read so.
 */
export function rereadListAnswer(
  known: ListAnswer,
  bytes: Buffer,
  query: ListQuery,
): ListAnswer | null {
  const layout = layoutOf(known.bytes);
  // A known page may hold fewer rows than came: each key once.
  if (layout?.starts.length !== known.rows.length) return null;
  if (bytes.compare(known.bytes, 0, layout.head, 0, Math.min(layout.head, bytes.length)) !== 0) {
    return null;
  }
  const reading: Reading = {
    bytes,
    known: { ...layout, bytes: known.bytes, rows: known.rows },
    rows: [],
    starts: [],
    ends: [],
    at: endOfSpace(bytes, layout.head),
    expected: 0,
    strays: 0,
  };
  if (!takeAll(reading, query.limit)) return null;
  const found = {
    head: layout.head,
    starts: reading.starts,
    ends: reading.ends,
    tail: reading.at,
  };
  const extent = extentIn(bytes, found, query);
  if (!extent) return null;
  keepLayout(bytes, found);
  return Object.freeze({ bytes, rows: kept(known.rows, reading.rows), ...extent });
}

/** Takes row after row, up to the end of the list. False: this is none, or it differs too much. */
function takeAll(reading: Reading, limit: number): boolean {
  const { bytes, rows } = reading;
  if (bytes[reading.at] === closingBracket) return true;
  for (;;) {
    if (!takeKnown(reading, reading.expected) && !takeNew(reading)) return false;
    if (rows.length > limit) return false;
    if (reading.strays > mostStrays && reading.strays * 2 > rows.length) return false;
    reading.at = endOfSpace(bytes, reading.at);
    if (bytes[reading.at] !== comma) return bytes[reading.at] === closingBracket;
    reading.at = endOfSpace(bytes, reading.at + 1);
  }
}

/** Read from what stands around the rows; null if that is not a page's. */
function extentIn(
  bytes: Buffer,
  { head, starts, tail }: Layout,
  query: ListQuery,
): Pick<ListAnswer, 'total' | 'hasMore'> | null {
  const after = tailOf(bytes, tail);
  if (after === null) return null;
  const json = jsonIn(bytes.toString('utf8', 0, head) + after);
  const pagination = isFields(json) ? json['pagination'] : undefined;
  if (!isFields(pagination) || isRefusal(json)) return null;
  return extentOf(pagination, starts.length, query);
}

/** The known list itself where it has the very same rows: what was made of it holds on. */
function kept(known: readonly Row[], rows: readonly Row[]): readonly Row[] {
  const same = rows.length === known.length && rows.every((row, index) => row === known[index]);
  return same ? known : Object.freeze(rows);
}
