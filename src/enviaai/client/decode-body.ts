import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { copyBytes } from '#src/domain/copies.ts';
import { Failure } from '#src/domain/failure.ts';
import { type HttpResponse, maxResponseBytes } from './http-send.ts';
import { headerOf } from '#src/enviaai/response/headers.ts';
import { jsonOf } from '#src/enviaai/response/json-fields.ts';

export const acceptedEncodings = 'gzip, deflate, br';

/** Stops a decompression at the limit: a small body can expand to gigabytes. */
const bounded = { maxOutputLength: maxResponseBytes };

type Decompress = (wire: Buffer) => Buffer;

const identity: Decompress = (wire) => wire;

const decompressByEncoding: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ['', identity],
  ['identity', identity],
  ['gzip', (wire) => gunzipSync(wire, bounded)],
  ['x-gzip', (wire) => gunzipSync(wire, bounded)],
  // Should have a zlib header; some servers leave it out.
  ['deflate', (wire) => (hasZlibHeader(wire) ? inflateSync : inflateRawSync)(wire, bounded)],
  ['br', (wire) => brotliDecompressSync(wire, bounded)],
]);

/**
 * The complete body, decompressed; `known` itself if its bytes are equal. Throws the failure that
 * broke the body, or `malformed` if it cannot be decompressed.
 */
export function decodeBody({ headers, chunks, broken }: HttpResponse, known?: Buffer): Buffer {
  if (broken) throw broken;
  const encoding = headerOf(headers, 'content-encoding')?.toLowerCase() ?? '';
  const decompress = decompressByEncoding.get(encoding);
  if (!decompress)
    throw new Failure('malformed', 'The response of EnviaAI has an unknown encoding');
  if (known && decompress === identity && isConcatenationOf(chunks, known)) return known;
  const wire = compactBufferOf(chunks);
  if (wire.length === 0) return wire;
  let body: Buffer;
  try {
    body = decompress(wire);
  } catch {
    throw new Failure('malformed', 'The response of EnviaAI cannot be decompressed');
  }
  if (known?.equals(body)) return known;
  // Bodies are cached, and zlib returns a view of a larger buffer: the copy has the exact size.
  return body === wire ? wire : copyBytes(body);
}

/** Unused bytes of a buffer that are accepted without a copy: usually the response's headers. */
const maxUnusedBytes = 1024;

/** The chunks as one buffer. Bodies are cached: a view of a much larger buffer is copied. */
function compactBufferOf(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  const isSingle = first !== undefined && chunks.length === 1;
  return isSingle && first.buffer.byteLength - first.length <= maxUnusedBytes
    ? first
    : copyBytes(Buffer.concat(chunks));
}

/** Compares without concatenating. */
function isConcatenationOf(chunks: readonly Buffer[], bytes: Buffer): boolean {
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

/**
 * The JSON of an error response, which only adds details to the status; undefined: it cannot be
 * read. The body of a redirect may not be EnviaAI's. Not followed: the key would be sent along.
 */
export function errorJsonOf(response: HttpResponse): unknown {
  return response.status < 400 ? undefined : jsonIn(response);
}

/** The JSON of a response; undefined: it is broken, or no JSON. */
export function jsonIn(response: HttpResponse): unknown {
  try {
    return jsonOf(decodeBody(response));
  } catch {
    return undefined;
  }
}
