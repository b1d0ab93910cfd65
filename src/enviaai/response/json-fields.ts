import { Failure } from '#src/domain/failure.ts';

/** A JSON object of EnviaAI. Read named fields only: never spread it, or copy its keys. */
export type Fields = Readonly<Record<string, unknown>>;

/** A body as JSON. Ignores its content type, and skips a byte order mark. */
export function jsonOf(body: Buffer): unknown {
  const text = body.toString('utf8');
  const json = parseJson(text.startsWith('\uFEFF') ? text.slice(1) : text);
  if (json === undefined) throw new Failure('malformed', 'The response of EnviaAI is not JSON');
  return json;
}

/** Undefined: the text is not JSON. The parser's error is dropped, because it quotes the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string; a number is converted to its digits. */
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

/** A boolean, 0 or 1, or the word in upper or lower case. */
export function booleanOf(value: unknown): boolean | null {
  const word = typeof value === 'string' && value.length <= 5 ? value.toLowerCase() : value;
  return booleans.get(word) ?? null;
}

/** A whole number of at least 0, as a number or as digits. */
export function countOf(value: unknown): number | null {
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
}

/** The largest Int of GraphQL. A larger count is a mistake. */
const maxInt = 2 ** 31 - 1;

/** A count that fits an Int of GraphQL. */
export function intOf(value: unknown): number | null {
  const count = countOf(value);
  return count !== null && count <= maxInt ? count : null;
}
