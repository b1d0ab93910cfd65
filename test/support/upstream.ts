import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A received request. */
export interface UpstreamCall {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export interface Upstream {
  readonly url: URL;
  /** All requests so far, in order. */
  readonly calls: readonly UpstreamCall[];
  /** Closes the server and breaks its open connections. */
  close(): Promise<void>;
}

export type UpstreamHandler = (
  request: IncomingMessage,
  response: ServerResponse,
) => void | Promise<void>;

/** Starts an HTTP server with the handler, on a free port of 127.0.0.1. */
export async function startUpstream(handler: UpstreamHandler): Promise<Upstream> {
  const calls: UpstreamCall[] = [];
  const server = createServer((request, response) => {
    calls.push({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
    });
    // A handler may break the connection on purpose.
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
