import { LRUCache } from 'lru-cache';
import { copyBytes } from '#src/domain/copies.ts';
import type { Encoding } from '#src/http/request/accept-encoding.ts';
import { compress } from '#src/http/response/compress.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';
import type { Validator } from '#src/reading/session/validator.ts';
import type { Revalidated } from '#src/reading/validation/revalidate.ts';

/** A complete response, as it was last sent. */
export interface CachedResponse {
  readonly body: Buffer;
  /** The length of the body without its tail, which reports the cost of one operation. In bytes. */
  readonly dataLength: number;
  readonly cost: ReadCost;
  readonly validator: Validator;
  /** The body in each content coding that a client asked for. */
  readonly compressed?: Readonly<Partial<Record<Encoding, Buffer>>>;
}

/** A response to cache. */
export interface NewResponse extends Pick<CachedResponse, 'cost' | 'validator'> {
  /** The JSON without its tail. */
  readonly json: string;
}

export interface CachedResponses {
  readonly get: (key: string) => CachedResponse | undefined;
  readonly set: (key: string, response: NewResponse) => CachedResponse;
  /**
   * The response of a cache hit, with the cost of this operation and with reissued cursors.
   * Replaces the cached response if that changes the body.
   */
  readonly serve: (
    key: string,
    response: CachedResponse,
    cost: ReadCost,
    revalidated?: Revalidated,
  ) => CachedResponse;
  /**
   * The body of a response, compressed. It is cached while the body is: all who ask for the same
   * body at the same time share one compression.
   */
  readonly compressed: (key: string, body: Buffer, encoding: Encoding) => Promise<Buffer>;
  /** Size of all responses, in bytes. */
  readonly bytes: () => number;
}

/** Estimated size of the objects of an entry, and of each source and cursor in its validator. */
const overheadBytes = 1024;
const sourceBytes = 384;
const cursorBytes = 1024;

const sizeOf = ({ body, validator, compressed = {} }: CachedResponse, key: string): number =>
  // A key with one character outside Latin-1 has two bytes for each of its characters.
  key.length * 2 +
  body.length +
  Object.values(compressed).reduce((sum, { length }) => sum + length, 0) +
  overheadBytes +
  validator.sources.length * sourceBytes +
  validator.walkStarts.length * cursorBytes;

/** An LRU cache of responses, bounded by their bytes. */
export function createCachedResponses(
  maxBytes: number,
  tailOf: (cost: ReadCost) => string,
): CachedResponses {
  const responses = new LRUCache<string, CachedResponse>({
    maxSize: Math.max(1, Math.floor(maxBytes)),
    sizeCalculation: sizeOf,
  });
  const pending = new WeakMap<Buffer, Map<Encoding, Promise<Buffer>>>();

  async function compressOnce(key: string, body: Buffer, encoding: Encoding): Promise<Buffer> {
    const bytes = copyBytes(await compress(body, encoding));
    const cached = responses.peek(key);
    // Another response may have replaced this one meanwhile.
    if (cached?.body !== body) return bytes;
    const larger = { ...cached, compressed: { ...cached.compressed, [encoding]: bytes } };
    // The cache would drop an entry that is larger than all of it.
    if (sizeOf(larger, key) <= responses.maxSize) responses.set(key, larger);
    return bytes;
  }

  return {
    get: (key) => responses.get(key),
    set(key, { json, cost, validator }) {
      const tail = tailOf(cost);
      const dataLength = Buffer.byteLength(json);
      const body = Buffer.allocUnsafeSlow(dataLength + Buffer.byteLength(tail));
      body.write(tail, body.write(json));
      const response = { body, dataLength, cost, validator };
      responses.set(key, response);
      return response;
    },
    serve(key, response, cost, revalidated) {
      const { validator = response.validator, reissued = noCursors } = revalidated ?? {};
      if (reissued.size === 0 && isSameCost(cost, response.cost)) return response;
      const body = withTailAndCursors(response, tailOf(cost), reissued);
      const { dataLength } = response;
      const served = { body, dataLength, cost, validator };
      responses.set(key, served);
      return served;
    },
    async compressed(key, body, encoding) {
      const cached = responses.peek(key);
      const done = cached?.body === body ? cached.compressed?.[encoding] : undefined;
      if (done) return done;
      const ofBody = pending.get(body) ?? new Map<Encoding, Promise<Buffer>>();
      pending.set(body, ofBody);
      const started = ofBody.get(encoding) ?? compressOnce(key, body, encoding);
      ofBody.set(encoding, started);
      try {
        return await started;
      } finally {
        ofBody.delete(encoding);
      }
    },
    bytes: () => responses.calculatedSize,
  };
}

const noCursors: Revalidated['reissued'] = new Map();

const isSameCost = (a: ReadCost, b: ReadCost): boolean =>
  a.calls === b.calls && a.asOf === b.asOf && a.stale === b.stale;

/**
 * The body with another tail and other cursors. A reissued cursor is as long as the one it
 * replaces.
 */
function withTailAndCursors(
  { body, dataLength }: CachedResponse,
  tail: string,
  reissued: Revalidated['reissued'],
): Buffer {
  const newBody = Buffer.allocUnsafeSlow(dataLength + Buffer.byteLength(tail));
  body.copy(newBody, 0, 0, dataLength);
  newBody.write(tail, dataLength);
  for (const [before, after] of reissued) {
    const quoted = `"${before}"`;
    for (let at = body.indexOf(quoted); at >= 0; at = body.indexOf(quoted, at + 1)) {
      newBody.write(after, at + 1, 'latin1');
    }
  }
  return newBody;
}
