export const openingBrace = 0x7b;
export const closingBrace = 0x7d;
export const openingBracket = 0x5b;
export const closingBracket = 0x5d;
export const comma = 0x2c;

const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** The place behind white space, if there is any. */
export function endOfSpace(bytes: Buffer, at: number): number {
  let end = at;
  while (end < bytes.length && isSpace(bytes[end])) end += 1;
  return end;
}

/**
 * The place behind the JSON value that begins here; of bytes that are none, any place from here to their end. However
 * broken the UTF-8, a byte that is ASCII is that character.
 */
export function endOfValue(bytes: Buffer, at: number): number {
  const { length } = bytes;
  let end = at;
  let depth = 0;
  while (end < length) {
    const byte = bytes[end];
    end += 1;
    if (byte === quote) end = endOfString(bytes, end);
    else if (byte === openingBrace || byte === openingBracket) depth += 1;
    else if (byte === closingBrace || byte === closingBracket) depth -= 1;
    else if (depth === 0) return endOfWord(bytes, at);
    if (depth === 0) return end;
  }
  return length;
}

function endOfString(bytes: Buffer, at: number): number {
  const { length } = bytes;
  let end = at;
  while (end < length) {
    const byte = bytes[end];
    end += 1;
    if (byte === quote) return end;
    if (byte === backslash) end += 1;
  }
  return length;
}

/** A number, `true`, `false` or `null`. */
function endOfWord(bytes: Buffer, at: number): number {
  let end = at;
  while (end < bytes.length && !endsWord(bytes[end])) end += 1;
  return end;
}

const closes = (byte: number | undefined) => byte === closingBrace || byte === closingBracket;

const endsWord = (byte: number | undefined) => byte === comma || closes(byte) || isSpace(byte);

const isSpace = (byte: number | undefined) =>
  byte === space || byte === lineFeed || byte === carriageReturn || byte === tab;
