import type { ServerResponse } from 'node:http';
import { Refusal } from './refusal.ts';

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

const given = new WeakMap<ServerResponse, Readonly<Record<string, string>>>();

/**
 * Gives headers to whatever answer will be sent. Not by `setHeader`: after that, Node writes all
 * headers one by one, which takes as long as looking a whole answer up.
 */
export function giveHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>) {
  given.set(response, { ...given.get(response), ...headers });
}

/** Sends an answer whole, with its length. Headers that were given before stay, unless named again. */
export function send(response: ServerResponse, { status, headers, body = '' }: Reply): void {
  if (response.headersSent || response.destroyed) return;
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...given.get(response), ...headers, 'content-length': length });
  response.end(body);
}

export const jsonReply = (status: number, value: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
});

/** An answer before GraphQL, in the form of a GraphQL one: clients need to read only one kind. */
export function refusalReply(error: unknown): Reply {
  const { status, message, extensions, headers } =
    error instanceof Refusal
      ? error
      : new Refusal(500, 'Something went wrong here.', {
          extensions: { code: 'INTERNAL_SERVER_ERROR' },
        });
  const reply = jsonReply(status, { errors: [{ message, extensions }] });
  return { ...reply, headers: { ...reply.headers, ...headers } };
}
