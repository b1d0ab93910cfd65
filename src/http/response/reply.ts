import type { ServerResponse } from 'node:http';
import { HttpError } from './http-error.ts';

export type HeaderFields = Readonly<Record<string, string>>;

export interface Reply {
  readonly status: number;
  readonly headers?: HeaderFields;
  readonly body?: string | Buffer;
}

const given = Symbol('given headers');

/** Not a WeakMap: the collector has to look at those again and again. */
type Answering = ServerResponse & { [given]?: HeaderFields };

/**
 * Gives headers to whatever answer will be sent. Not by `setHeader`: after that, Node writes all
 * headers one by one, which takes as long as looking a whole answer up.
 */
export function setHeaders(response: Answering, headers: HeaderFields): void {
  response[given] = { ...response[given], ...headers };
}

/** Sends an answer whole, with its length. Headers that were given before stay, unless named again. */
export function send(response: Answering, { status, headers, body = '' }: Reply): void {
  if (response.headersSent || response.destroyed) return;
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...response[given], ...headers, 'content-length': length });
  response.end(body);
}

export const jsonReply = (status: number, value: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
});

/** An answer before GraphQL, in the form of a GraphQL one: clients need to read only one kind. */
export function errorReply(error: unknown): Reply {
  const { status, message, extensions, headers } =
    error instanceof HttpError
      ? error
      : new HttpError(500, 'Something went wrong here.', {
          extensions: { code: 'INTERNAL_SERVER_ERROR' },
        });
  const reply = jsonReply(status, { errors: [{ message, extensions }] });
  return { ...reply, headers: { ...reply.headers, ...headers } };
}
