import {
  closingBracket,
  comma,
  endOfSpace,
  endOfValue,
  openingBrace,
  openingBracket,
} from './json-bytes.ts';

/** Where everything stands in the bytes of a list. */
export interface Layout {
  /** Where what comes before the rows ends: right behind their `[`. */
  readonly head: number;
  /** Where each row begins and ends. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Where what comes after the rows begins: at their `]`. */
  readonly tail: number;
}

const layouts = new WeakMap<Buffer, Layout | null>();

/** The layout of JSON; null where it is not plain which rows are the list's. */
export function layoutOf(bytes: Buffer): Layout | null {
  let layout = layouts.get(bytes);
  if (layout === undefined) {
    layout = layoutIn(bytes);
    layouts.set(bytes, layout);
  }
  return layout;
}

/** Spares looking for it. */
export function keepLayout(bytes: Buffer, layout: Layout): void {
  layouts.set(bytes, layout);
}

/** What comes after the rows; null where it may name `data` again, for of two the last counts. */
export function tailOf(bytes: Buffer, at: number): string | null {
  const tail = bytes.toString('utf8', at);
  // With escapes a key can be spelled in many ways.
  return tail.includes('"data"') || tail.includes('\\') ? null : tail;
}

function layoutIn(bytes: Buffer): Layout | null {
  const head = headOf(bytes);
  if (head === null) return null;
  const starts: number[] = [];
  const ends: number[] = [];
  let at = endOfSpace(bytes, head);
  while (at < bytes.length && bytes[at] !== closingBracket) {
    const end = endOfValue(bytes, at);
    starts.push(at);
    ends.push(end);
    at = endOfSpace(bytes, end);
    if (bytes[at] === comma) at = endOfSpace(bytes, at + 1);
  }
  return tailOf(bytes, at) === null ? null : { head, starts, ends, tail: at };
}

function headOf(bytes: Buffer): number | null {
  let at = endOfSpace(bytes, 0);
  if (bytes[at] !== openingBrace) return null;
  do {
    const key = endOfSpace(bytes, at + 1);
    const keyEnd = endOfValue(bytes, key);
    const colon = endOfSpace(bytes, keyEnd);
    const value = endOfSpace(bytes, colon + 1);
    if (bytes.toString('latin1', key, keyEnd) === '"data"') {
      return bytes[value] === openingBracket ? value + 1 : null;
    }
    at = endOfSpace(bytes, endOfValue(bytes, value));
  } while (bytes[at] === comma);
  return null;
}
