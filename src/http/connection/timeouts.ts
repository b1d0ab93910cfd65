import { createServer, type Server } from 'node:http';

/** How long a connection may take over what it does, in milliseconds. */
export interface ConnectionTimeouts {
  /** To send a request's headers; also for a connection that sends nothing at all. */
  readonly headersMs: number;
  /** To send a whole request. */
  readonly requestMs: number;
  /** Without a byte either way while an answer is made or taken. */
  readonly silenceMs: number;
  /** Without a request, after one was answered. */
  readonly idleMs: number;
  /** How often slow ones are looked for: so much later than allowed they may be cut. */
  readonly everyMs: number;
}

/** All of it within 65 seconds: what a connection costs must not depend on who is at its other end. */
export const connectionTimeouts: ConnectionTimeouts = {
  headersMs: 15_000,
  requestMs: 30_000,
  silenceMs: 30_000,
  // Longer than the minute that load balancers keep theirs: of two ends, the client's should close first.
  idleMs: 64_000,
  everyMs: 5000,
};

/** An HTTP server that cuts off those who take longer; an operation has its own deadline, and is waited for. */
export function createServerWithTimeouts(
  { headersMs, requestMs, silenceMs, idleMs, everyMs }: ConnectionTimeouts,
  operationMs: number,
): Server {
  const server = createServer({
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: everyMs,
  });
  server.keepAliveTimeout = idleMs;
  server.timeout = Math.max(silenceMs, operationMs + everyMs);
  return server;
}
