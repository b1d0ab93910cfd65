import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { Failure } from '#src/domain/failure.ts';
import { type Answer, maxBodyBytes } from './exchange.ts';
import { headerOf } from './headers.ts';

export const acceptedEncodings = 'gzip, deflate, br';

/** Stops an expansion as soon as it passes the limit: a small body can hold gigabytes. */
const bounded = { maxOutputLength: maxBodyBytes };

type Expand = (wire: Buffer) => Buffer;

const expandBy: ReadonlyMap<string, Expand> = new Map<string, Expand>([
  ['', (wire) => wire],
  ['identity', (wire) => wire],
  ['gzip', (wire) => gunzipSync(wire, bounded)],
  ['x-gzip', (wire) => gunzipSync(wire, bounded)],
  // Meant to have a zlib header; some servers leave it out.
  ['deflate', (wire) => (hasZlibHeader(wire) ? inflateSync : inflateRawSync)(wire, bounded)],
  ['br', (wire) => brotliDecompressSync(wire, bounded)],
]);

/** The whole body, expanded. Throws what broke it, or `malformed` if it cannot be expanded. */
export function bodyOf({ headers, wire, broken }: Answer): Buffer {
  if (broken) throw broken;
  const expand = expandBy.get(headerOf(headers, 'content-encoding')?.toLowerCase() ?? '');
  if (!expand) throw new Failure('malformed', "The vendor's answer is in an unknown encoding");
  if (wire.length === 0) return wire;
  let expanded: Buffer;
  try {
    expanded = expand(wire);
  } catch {
    throw new Failure('malformed', "The vendor's answer cannot be expanded");
  }
  // A copy of its own size: what zlib gives is a view of a larger buffer, and answers are kept.
  return expanded === wire ? wire : Buffer.from(expanded);
}

function hasZlibHeader(wire: Buffer): boolean {
  return ((wire[0] ?? 0) & 0x0f) === 8 && wire.length > 1 && wire.readUInt16BE(0) % 31 === 0;
}
