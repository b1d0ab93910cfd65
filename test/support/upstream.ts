import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call as it arrived. */
export interface UpstreamCall {
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export interface Upstream {
  readonly url: URL;
  /** Every call so far, in order. */
  readonly calls: readonly UpstreamCall[];
  /** Breaks what is still open. */
  close(): Promise<void>;
}

export type UpstreamHandler = (
  request: IncomingMessage,
  response: ServerResponse,
) => void | Promise<void>;

/** A vendor that does what the handler says, over real HTTP on a free port of 127.0.0.1. */
export async function startUpstream(handler: UpstreamHandler): Promise<Upstream> {
  const calls: UpstreamCall[] = [];
  const server = createServer((request, response) => {
    calls.push({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
    });
    // A script may break its own connection: that is then the answer.
    response.on('error', () => {});
    Promise.resolve(handler(request, response)).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: new URL(`http://127.0.0.1:${port}`),
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/**
 * A handler that gives every call the same answer. A body that is no string or buffer is sent as
 * JSON.
 */
export function always(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): UpstreamHandler {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  };
}
