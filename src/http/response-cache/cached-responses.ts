import { LRUCache } from 'lru-cache';
import { copyBytes } from '#src/domain/copies.ts';
import type { Encoding } from '#src/http/request/accept-encoding.ts';
import { compress } from '#src/http/response/compress.ts';
import { entityTagOf } from '#src/http/response/entity-tag.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';
import type { Validator } from '#src/reading/session/validator.ts';
import { type CursorPositions, cursorPositions } from './cursor-positions.ts';

/** A complete response, as it was last sent. */
export interface CachedResponse {
  readonly body: Buffer;
  /** The length of the body without its tail, which reports the cost of one operation. In bytes. */
  readonly dataLength: number;
  readonly cost: ReadCost;
  readonly validator: Validator;
  /** Where the cursors of the validator's walk starts are in the body. */
  readonly cursorsAt: CursorPositions;
  /** The entity tag of the data, once a request has asked for it. */
  readonly entityTag?: string;
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
  /** Null: the response cannot be cached; see `cursor-positions.ts`. */
  readonly set: (key: string, response: NewResponse) => CachedResponse | null;
  /**
   * The response of a cache hit, with the cost of this operation and with the cursors of a
   * revalidation. Replaces the cached response if that changes the body.
   */
  readonly serve: (
    key: string,
    response: CachedResponse,
    cost: ReadCost,
    validator?: Validator,
  ) => CachedResponse;
  /** The entity tag of the data of a response. It is computed once for the same data. */
  readonly entityTag: (key: string, response: CachedResponse) => string;
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
/** Of a reference to an id that was picked from a source. */
const pickedBytes = 64;
const cursorBytes = 1024;

const sizeOf = ({ body, validator, compressed = {} }: CachedResponse, key: string): number =>
  // A key with one character outside Latin-1 has two bytes for each of its characters.
  key.length * 2 +
  body.length +
  Object.values(compressed).reduce((sum, { length }) => sum + length, 0) +
  overheadBytes +
  validator.sources.reduce(
    (sum, { picked = [] }) => sum + sourceBytes + picked.length * pickedBytes,
    0,
  ) +
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
      const cursorsAt = cursorPositions(body.subarray(0, dataLength), validator.walkStarts);
      if (!cursorsAt) return null;
      const response = { body, dataLength, cost, validator, cursorsAt };
      responses.set(key, response);
      return response;
    },
    serve(key, response, cost, validator = response.validator) {
      const isSame = validator === response.validator && isSameCost(cost, response.cost);
      if (isSame) return response;
      const body = withTailAndCursors(response, tailOf(cost), validator);
      const { dataLength, cursorsAt, entityTag } = response;
      const hasTag = entityTag !== undefined && validator === response.validator;
      const served = { body, dataLength, cost, validator, cursorsAt, ...(hasTag && { entityTag }) };
      responses.set(key, served);
      return served;
    },
    entityTag(key, response) {
      const { body, dataLength } = response;
      const entityTag = response.entityTag ?? entityTagOf(body.subarray(0, dataLength));
      const cached = responses.peek(key);
      if (cached?.body === body && cached.entityTag === undefined) {
        responses.set(key, { ...cached, entityTag });
      }
      return entityTag;
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

const isSameCost = (a: ReadCost, b: ReadCost): boolean =>
  a.calls === b.calls && a.asOf === b.asOf && a.stale === b.stale && a.remaining === b.remaining;

/**
 * The body with another tail and other cursors. A reissued cursor is as long as the one it
 * replaces.
 */
function withTailAndCursors(
  { body, dataLength, validator: { walkStarts: before }, cursorsAt }: CachedResponse,
  tail: string,
  { walkStarts: after }: Validator,
): Buffer {
  const newBody = Buffer.allocUnsafeSlow(dataLength + Buffer.byteLength(tail));
  body.copy(newBody, 0, 0, dataLength);
  newBody.write(tail, dataLength);
  if (after === before) return newBody;
  for (const [index, { cursor }] of after.entries()) {
    if (cursor === before[index]?.cursor) continue;
    for (const at of cursorsAt[index] ?? []) newBody.write(cursor, at, 'latin1');
  }
  return newBody;
}
