import { type IncomingMessage, maxHeaderSize, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorTypeOf } from '#src/http/request/accept.ts';
import { requestIdOf } from '#src/http/request/request-id.ts';
import { type Cors, corsHeaders } from '#src/http/response/cors.ts';
import { HttpError } from '#src/http/response/http-error.ts';
import { errorReply } from '#src/http/response/reply.ts';

export interface ClientErrorParts {
  readonly cors: Cors;
  /** The responses that are not sent yet on a connection, in the order of their requests. */
  readonly pendingOn: (socket: Duplex) => readonly ServerResponse[];
  /** Answers a request whose headers were read. */
  readonly refuse: (request: IncomingMessage, response: ServerResponse, error: HttpError) => void;
}

/**
 * Answers bytes that Node could not parse as HTTP, and requests that do not arrive in time. Then
 * closes the connection. While the response to a complete request is pending on the connection, the
 * error response could end up inside it, so the connection is only closed.
 */
export function createAnswerClientError({ cors, pendingOn, refuse }: ClientErrorParts) {
  return (error: NodeJS.ErrnoException, socket: Duplex): void => {
    const [pending, ...others] = pendingOn(socket);
    if (error.code === 'ECONNRESET' || !socket.writable || others.length > 0) socket.destroy();
    else if (!pending) socket.end(responseTo(error, cors));
    else if (pending.headersSent || pending.req.complete) socket.destroy();
    // The headers of this request are valid, and its body is not, or does not arrive.
    else refuse(pending.req, pending, httpErrorOf(error));
  };
}

/** Answers CONNECT, for which Node has no response object: this server is no proxy. */
export function refuseConnect(socket: Duplex, { headers }: IncomingMessage, cors: Cors): void {
  const { accept, origin } = headers;
  const error = new HttpError(405, 'This server is no proxy: it does not support CONNECT.', {
    headers: { allow: 'GET, HEAD, POST, OPTIONS' },
  });
  const id = { 'x-request-id': requestIdOf(headers['x-request-id']) };
  socket.end(textOf(error, cors, { accept, origin, ...id }), () => socket.destroy());
}

const messages: ReadonlyMap<unknown, readonly [status: number, message: string]> = new Map([
  [
    'HPE_HEADER_OVERFLOW',
    [431, `The URL and the headers of the request are larger than ${maxHeaderSize} bytes.`],
  ],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', [413, 'The extensions of the chunks are too large.']],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'The request did not arrive in time.']],
]);

function httpErrorOf({ code }: NodeJS.ErrnoException): HttpError {
  const [status, message] = messages.get(code) ?? [400, 'The request is not valid HTTP.'];
  return new HttpError(status, message);
}

const responseTo = (error: NodeJS.ErrnoException, cors: Cors): string =>
  textOf(httpErrorOf(error), cors, headersIn(error));

const readableHeaders = ['accept', 'origin', 'x-request-id'] as const;
type ReadableHeaders = { readonly [name in (typeof readableHeaders)[number]]?: string | undefined };

/** No more of a packet is searched for headers. */
const maxSearchedBytes = 64 * 1024;

/**
 * The headers that decide how an error is written, as far as they are in the packet that could not
 * be parsed. Without CORS headers, a page would get a network error for a token that is too large.
 */
function headersIn(error: NodeJS.ErrnoException): ReadableHeaders {
  const packet = 'rawPacket' in error && Buffer.isBuffer(error.rawPacket) ? error.rawPacket : null;
  if (packet === null) return {};
  const [head = ''] = packet.toString('latin1', 0, maxSearchedBytes).split('\r\n\r\n', 1);
  return Object.fromEntries(
    readableHeaders.flatMap((name) => {
      const values = [...head.matchAll(new RegExp(`^${name}:(.*)$`, 'gim'))];
      return values.length === 1 ? [[name, values[0]?.[1]?.trim()]] : [];
    }),
  );
}

/** A whole response as HTTP: for a connection on which Node has no response object. */
function textOf(error: HttpError, cors: Cors, request: ReadableHeaders): string {
  const { status, headers, body = '' } = errorReply(error, errorTypeOf(request.accept));
  const fields = {
    'x-request-id': requestIdOf(request['x-request-id']),
    'x-content-type-options': 'nosniff',
    vary: 'Accept, Origin',
    ...corsHeaders(cors, request.origin),
    ...headers,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${String(body)}`;
}
