import { Failure } from '#src/domain/failure.ts';

/** An object of the vendor's. Only named fields are read from it, nothing of it is ever spread or copied over. */
export type Fields = Readonly<Record<string, unknown>>;

/** A body as JSON, whatever its content type says; a byte order mark is passed over. */
export function jsonOf(body: Buffer): unknown {
  const text = body.toString('utf8');
  const json = jsonIn(text.startsWith('\uFEFF') ? text.slice(1) : text);
  if (json === undefined) throw new Failure('malformed', "The vendor's answer is not JSON");
  return json;
}

/** A text as JSON; undefined if it is none. The parser's own error quotes the text, and goes nowhere. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text; a number that stands for one is read as its digits. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return Number.isSafeInteger(value) ? String(value) : null;
}

const booleans: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  ['true', true],
  ['false', false],
  [1, true],
  [0, false],
]);

export function booleanOf(value: unknown): boolean | null {
  return booleans.get(value) ?? null;
}

/** A whole number from 0, as a number or as digits. */
export function countOf(value: unknown): number | null {
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
}
