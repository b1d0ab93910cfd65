import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { type GraphqlParams, paramsOfBody } from './graphql-params.ts';

/** Of bodies that are remembered; longer ones are read each time. In bytes. */
const longestBody = 16 * 1024;

/** Of all of them, with what they were read as, by estimate: some four times their own. */
const mostBytes = 4 * 1024 * 1024;

/** Of each, however short: objects and their places. */
const overheadBytes = 512;

interface Known {
  readonly body: Buffer;
  readonly params: GraphqlParams;
}

/** Reads bodies like {@link paramsOfBody}: those that screens send again and again, once. */
export function createBodyReader(byId: boolean): (body: Buffer) => GraphqlParams {
  // By a checksum, which takes a tenth of what V8 takes for the hash of a text: of bodies that have
  // the same, which somebody has to make up, the last one is remembered.
  const known = new LRUCache<number, Known>({
    maxSize: mostBytes,
    sizeCalculation: ({ body }) => overheadBytes + body.length * 4,
  });
  return (body) => {
    if (body.length > longestBody) return paramsOfBody(body, byId);
    const checksum = crc32(body);
    const before = known.get(checksum);
    if (before?.body.equals(body)) return before.params;
    const params = paramsOfBody(body, byId);
    // A copy: what came is a view of a larger buffer.
    known.set(checksum, { body: Buffer.from(body), params });
    return params;
  };
}
