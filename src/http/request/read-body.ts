import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpError } from '#src/http/response/http-error.ts';

/**
 * A client may continue to send a body that is too large for 1 s, so that it reads the error
 * response.
 */
const lingerMs = 1000;

export interface BodyLimit {
  readonly maxBytes: number;
  /** The variable that sets the limit; undefined: it is fixed. */
  readonly variable?: string | undefined;
}

/**
 * Reads a request's body. Rejects with a 413 error as soon as `Content-Length` or the bytes
 * received exceed `maxBytes`, without waiting for the rest.
 */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  { maxBytes, variable }: BodyLimit,
): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    discardRest(request, response);
    return Promise.reject(tooLarge({ maxBytes, variable }));
  }
  // A client that sent `Expect: 100-continue`, as curl does with large bodies, waits for this.
  if (request.headers.expect !== undefined) response.writeContinue();

  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onData = (chunk: Buffer) => {
    bytes += chunk.byteLength;
    chunks.push(chunk);
    if (bytes <= maxBytes) return;
    request.off('data', onData);
    chunks.length = 0;
    discardRest(request, response);
    reject(tooLarge({ maxBytes, variable }));
  };
  request.on('data', onData);
  request.once('end', () => {
    const [only] = chunks;
    resolve(only && chunks.length === 1 ? only : Buffer.concat(chunks));
  });
  // A client that disconnects, with or without a socket error, is not an error of this server.
  const onEnd = () => {
    if (!request.complete) reject(new HttpError(400, 'The request body is incomplete.'));
  };
  request.once('error', onEnd);
  request.once('close', onEnd);
  return promise;
}

/**
 * Discards the rest of a body, and closes the connection {@link lingerMs} after the response.
 * Closing it at once would often reset it before the client has read the response.
 */
function discardRest(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.once('finish', () => {
    const timer = setTimeout(() => request.socket.destroy(), lingerMs);
    request.once('close', () => clearTimeout(timer));
    if (request.complete) clearTimeout(timer);
  });
}

const tooLarge = ({ maxBytes, variable }: BodyLimit) =>
  new HttpError(413, `The request body is larger than ${maxBytes} bytes.`, {
    extensions: { code: 'LIMIT_EXCEEDED', ...(variable && { limit: variable }) },
  });
