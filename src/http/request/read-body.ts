import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpError } from '#src/http/response/http-error.ts';

/** How long a client that sends too much may go on, unread, so that it gets to read the refusal. */
const lingerMs = 1000;

/**
 * Reads a request's body, but never more of it than `maxBytes`: a body that says or turns out
 * to be larger is refused with 413 at once, without waiting for the rest.
 */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    dropRest(request, response);
    return Promise.reject(tooLarge(maxBytes));
  }
  // A client that asks first, as curl does with large bodies, is told to go on only now.
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
    dropRest(request, response);
    reject(tooLarge(maxBytes));
  };
  request.on('data', onData);
  request.once('end', () => {
    const [only] = chunks;
    resolve(only && chunks.length === 1 ? only : Buffer.concat(chunks));
  });
  // Whoever goes away in the middle, by an error or without, is no fault of this server.
  const onEnd = () => {
    if (!request.complete) reject(new HttpError(400, 'The request body is not complete.'));
  };
  request.once('error', onEnd);
  request.once('close', onEnd);
  return promise;
}

// Cutting the connection at once would often reset it before the client has read why.
function dropRest(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.once('finish', () => {
    const cut = setTimeout(() => request.socket.destroy(), lingerMs);
    request.once('close', () => clearTimeout(cut));
    if (request.complete) clearTimeout(cut);
  });
}

const tooLarge = (maxBytes: number) =>
  new HttpError(413, `The request body is larger than ${maxBytes} bytes.`, {
    extensions: { code: 'LIMIT_EXCEEDED', limit: 'MAX_BODY_BYTES' },
  });
