import type { Row } from '#src/domain/row.ts';
import { rowOf } from './instance-row.ts';
import { closingBrace, closingBracket, comma, endOfValue } from './json-bytes.ts';
import type { Layout } from './layout.ts';
import { jsonIn } from './wire.ts';

/** A list that is being read beside an earlier version of it. */
export interface Reading {
  readonly bytes: Buffer;
  readonly known: Layout & { readonly bytes: Buffer; readonly rows: readonly Row[] };
  /** What was taken so far, and where each begins and ends. */
  readonly rows: Row[];
  readonly starts: number[];
  readonly ends: number[];
  /** The place that is read next. */
  at: number;
  /** The known row that should stand there. */
  expected: number;
  /** Rows that had to be parsed and were not the expected one, of its length, with a change in it. */
  strays: number;
}

/**
 * Takes every known row, from one on, that stands here in the same bytes, with the same bytes between them. False: not
 * even the first does.
 */
export function takeKnown(reading: Reading, from: number): boolean {
  const { known, rows, starts, ends } = reading;
  const start = known.starts[from];
  if (start === undefined) return false;
  const shift = reading.at - start;
  let to = from;
  let same = start;
  // Most rows stay: comparing more and more of them at a time takes a few comparisons for all.
  for (let step = 1; step > 0;) {
    const end = known.ends[to + step - 1];
    if (end !== undefined && standsShifted(reading, same, end, shift)) {
      same = end;
      to += step;
      step *= 2;
    } else {
      step >>= 1;
    }
  }
  if (to === from) return false;
  for (const row of known.rows.slice(from, to)) rows.push(row);
  for (const place of known.starts.slice(from, to)) starts.push(place + shift);
  for (const place of known.ends.slice(from, to)) ends.push(place + shift);
  reading.at = same + shift;
  reading.expected = to;
  return true;
}

function standsShifted(
  { bytes, known }: Reading,
  from: number,
  to: number,
  shift: number,
): boolean {
  if (to + shift > bytes.length) return false;
  return bytes.compare(known.bytes, from, to, from + shift, to + shift) === 0;
}

/**
 * Takes the row that stands here by parsing it; then the known row of its key is behind it, and the next one expected.
 * False: here stands no JSON.
 */
export function takeNew(reading: Reading): boolean {
  const { bytes, known, at, expected } = reading;
  const guess = likelyEnd(reading);
  const guessed = guess === null ? undefined : jsonIn(bytes.toString('utf8', at, guess));
  const end = guess === null || guessed === undefined ? endOfValue(bytes, at) : guess;
  const json = guessed ?? jsonIn(bytes.toString('utf8', at, end));
  if (json === undefined) return false;

  const row = rowOf(json);
  const place = placeOf(row.key, known.rows, expected);
  if (place !== expected || guessed === undefined) reading.strays += 1;
  // It was only moved, or others before it went.
  if (place !== expected && takeKnown(reading, place)) return true;
  reading.rows.push(row);
  reading.starts.push(at);
  reading.ends.push(end);
  reading.at = end;
  if (place !== -1) reading.expected = place + 1;
  return true;
}

/**
 * Where the row ends if it is as long as the known one: a new time leaves it so. Only a guess, and parsing proves it:
 * no object is the beginning of a longer one.
 */
function likelyEnd({ bytes, known, at, expected }: Reading): number | null {
  const start = known.starts[expected];
  const end = known.ends[expected];
  if (start === undefined || end === undefined) return null;
  const guess = at + end - start;
  const follows = bytes[guess];
  return bytes[guess - 1] === closingBrace && (follows === comma || follows === closingBracket)
    ? guess
    : null;
}

function placeOf(key: string, rows: readonly Row[], expected: number): number {
  return rows[expected]?.key === key ? expected : rows.findIndex((row) => row.key === key);
}
