import { qualityValuesOf } from './quality-values.ts';

/** In the order of this server's preference: fewest bytes first. */
const encodings = ['br', 'zstd', 'gzip'] as const;

/** A content coding that this server can compress with. */
export type Encoding = (typeof encodings)[number];

/**
 * The content coding of the response to a request with this `Accept-Encoding` header: the one with
 * the highest q. Undefined: the response is not compressed.
 */
export function encodingOf(acceptEncoding: string | string[] | undefined): Encoding | undefined {
  if (acceptEncoding === undefined || acceptEncoding.length === 0) return undefined;
  const accepted = qualityValuesOf(String(acceptEncoding));
  const qOf = (coding: string, otherwise: number) =>
    accepted.find(({ value }) => value === coding)?.q ?? otherwise;
  const other = qOf('*', 0);
  const identity = qOf('identity', 0);
  const [best] = encodings
    .map((encoding) => ({ encoding, q: qOf(encoding, other) }))
    .filter(({ q }) => q > 0 && q >= identity)
    .toSorted((a, b) => b.q - a.q);
  return best?.encoding;
}
