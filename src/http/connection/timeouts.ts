import { createServer, type Server } from 'node:http';

/** Time limits of a connection, in milliseconds. */
export interface ConnectionTimeouts {
  /** For a request's headers, from the start of the connection. */
  readonly headersMs: number;
  /** For a whole request. */
  readonly requestMs: number;
  /** For a connection with a request in progress on which no byte is sent or received. */
  readonly silenceMs: number;
  /** For a connection without a request, after the first response. */
  readonly idleMs: number;
  /** Interval of the checks: a connection may be closed this much later than its limit. */
  readonly checkIntervalMs: number;
}

/** At most 65 seconds each, so that no client can occupy a connection for longer by being slow. */
export const connectionTimeouts: ConnectionTimeouts = {
  headersMs: 15_000,
  requestMs: 30_000,
  silenceMs: 30_000,
  // Load balancers commonly close idle connections after 60 s. The client's end should close first:
  // otherwise a request can arrive on a connection that this server is closing.
  idleMs: 64_000,
  checkIntervalMs: 5000,
};

/**
 * An HTTP server with these time limits. An operation has its own deadline of `operationMs`; a
 * connection that waits for its response is not closed before that.
 */
export function createServerWithTimeouts(
  { headersMs, requestMs, silenceMs, idleMs, checkIntervalMs }: ConnectionTimeouts,
  operationMs: number,
): Server {
  const server = createServer({
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: checkIntervalMs,
    // `hostOf` checks it, so that the refusal has a body.
    requireHostHeader: false,
  });
  server.keepAliveTimeout = idleMs;
  server.timeout = Math.max(silenceMs, operationMs + checkIntervalMs);
  return server;
}
