import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { Failure } from '#src/domain/failure.ts';
import { type HttpResponse, maxResponseBytes } from './http-get.ts';
import { headerOf } from '#src/enviaai/response/headers.ts';

export const acceptedEncodings = 'gzip, deflate, br';

/** Stops an expansion as soon as it passes the limit: a small body can hold gigabytes. */
const bounded = { maxOutputLength: maxResponseBytes };

type Expand = (wire: Buffer) => Buffer;

const asItIs: Expand = (wire) => wire;

const expandBy: ReadonlyMap<string, Expand> = new Map<string, Expand>([
  ['', asItIs],
  ['identity', asItIs],
  ['gzip', (wire) => gunzipSync(wire, bounded)],
  ['x-gzip', (wire) => gunzipSync(wire, bounded)],
  // Meant to have a zlib header; some servers leave it out.
  ['deflate', (wire) => (hasZlibHeader(wire) ? inflateSync : inflateRawSync)(wire, bounded)],
  ['br', (wire) => brotliDecompressSync(wire, bounded)],
]);

/**
 * The whole body, expanded; `known` itself where its bytes are the same. Throws what broke it, or `malformed` if it
 * cannot be expanded.
 */
export function decodeBody({ headers, chunks, broken }: HttpResponse, known?: Buffer): Buffer {
  if (broken) throw broken;
  const expand = expandBy.get(headerOf(headers, 'content-encoding')?.toLowerCase() ?? '');
  if (!expand) throw new Failure('malformed', "The vendor's answer is in an unknown encoding");
  if (known && expand === asItIs && areOf(chunks, known)) return known;
  const wire = joined(chunks);
  if (wire.length === 0) return wire;
  let expanded: Buffer;
  try {
    expanded = expand(wire);
  } catch {
    throw new Failure('malformed', "The vendor's answer cannot be expanded");
  }
  if (known?.equals(expanded)) return known;
  // A copy of its own size: what zlib gives is a view of a larger buffer, and answers are kept.
  return expanded === wire ? wire : Buffer.from(expanded);
}

/** What a body may hold on to beside itself: the head of its answer, which was read with it. In bytes. */
const mostBeside = 1024;

/** In one piece: the one that came, or a copy where that is a view of something much larger, as answers are kept. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  const isAlone = only !== undefined && chunks.length === 1;
  return isAlone && only.buffer.byteLength - only.length <= mostBeside
    ? only
    : Buffer.concat(chunks);
}

/** Whether bytes are made of these chunks, in this order. */
function areOf(chunks: readonly Buffer[], bytes: Buffer): boolean {
  let at = 0;
  for (const chunk of chunks) {
    const end = at + chunk.length;
    if (end > bytes.length || bytes.compare(chunk, 0, chunk.length, at, end) !== 0) return false;
    at = end;
  }
  return at === bytes.length;
}

function hasZlibHeader(wire: Buffer): boolean {
  return ((wire[0] ?? 0) & 0x0f) === 8 && wire.length > 1 && wire.readUInt16BE(0) % 31 === 0;
}
