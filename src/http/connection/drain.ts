import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Drain {
  /** Registers a response as pending until it is closed. */
  readonly track: (request: IncomingMessage, response: ServerResponse) => void;
  /** The pending responses on a connection, in the order of their requests. */
  readonly pendingOn: (socket: Duplex) => readonly ServerResponse[];
  readonly isClosing: () => boolean;
  /**
   * Graceful shutdown: stops accepting connections, waits up to `graceMs` for all pending
   * responses, then closes the remaining connections.
   */
  readonly close: (graceMs: number) => Promise<void>;
}

/**
 * Tracks the pending responses of a server, so that it can stop without dropping a request in
 * progress.
 */
export function createDrain(server: Server): Drain {
  // An entry is removed when its connection closes: most connections carry many requests. One
  // listener for each connection, of as little memory as possible: there can be 10,000 streams.
  const pendingBySocket = new Map<Duplex, Set<ServerResponse>>();
  // Node does not count these as idle, and browsers open some in advance.
  const unused = new Set<Socket>();
  let closing: Promise<void> | null = null;

  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.on('close', () => {
      unused.delete(socket);
      pendingBySocket.delete(socket);
    });
  });

  const pendingOf = (socket: Duplex): Set<ServerResponse> => {
    const known = pendingBySocket.get(socket);
    if (known) return known;
    const responses = new Set<ServerResponse>();
    pendingBySocket.set(socket, responses);
    return responses;
  };
  // Node marks a connection as idle only after it has emitted the event, hence `setImmediate`. At
  // most once a turn: each time, Node looks at all connections, and 10,000 can end together.
  let isScheduled = false;
  const closeIdleConnections = () => {
    if (!closing || isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      server.closeIdleConnections();
    });
  };

  return {
    track(request, response) {
      unused.delete(request.socket);
      const responses = pendingOf(request.socket).add(response);
      response.on('close', () => {
        responses.delete(response);
        // The body of a rejected request may end after its response.
        if (!request.closed) request.once('close', closeIdleConnections);
        closeIdleConnections();
      });
      if (closing) announceClose(responses);
    },

    pendingOn: (socket) => [...(pendingBySocket.get(socket) ?? [])],
    isClosing: () => closing !== null,

    close(graceMs) {
      closing ??= new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
        // Of the others, a part of a request has arrived.
        for (const socket of unused) if (socket.bytesRead === 0) socket.destroy();
        for (const responses of pendingBySocket.values()) announceClose(responses);
      });
      return closing;
    },
  };
}

/**
 * Sets `Connection: close` on the last response of a connection. On an earlier one, Node would
 * close the connection before it sends the responses to pipelined requests.
 */
function announceClose(responses: ReadonlySet<ServerResponse>): void {
  const last = [...responses].at(-1);
  for (const response of responses) {
    if (response.headersSent) continue;
    if (response === last) response.setHeader('connection', 'close');
    else response.removeHeader('connection');
  }
}
