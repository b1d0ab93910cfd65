import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Drain {
  /** Counts an answer that is owed. */
  readonly track: (request: IncomingMessage, response: ServerResponse) => void;
  readonly hasPending: (socket: Socket) => boolean;
  readonly isClosing: () => boolean;
  /** Stops accepting, waits for every answer that is owed, at most so long, and closes what is left. */
  readonly close: (graceMs: number) => Promise<void>;
}

/** Keeps a server's books, so that it can stop without dropping a request that it has begun. */
export function createDrain(server: Server): Drain {
  // By connection, for as long as it lasts: most carry one request after the other.
  const owed = new Map<Socket, Set<ServerResponse>>();
  let closing: Promise<void> | null = null;

  const owedOn = (socket: Socket): Set<ServerResponse> => {
    const known = owed.get(socket);
    if (known) return known;
    const responses = new Set<ServerResponse>();
    owed.set(socket, responses);
    socket.once('close', () => owed.delete(socket));
    return responses;
  };
  // A connection counts as idle only after the event by which it becomes so.
  const sweep = () => {
    if (closing) setImmediate(() => server.closeIdleConnections());
  };

  return {
    track(request, response) {
      const responses = owedOn(request.socket).add(response);
      response.once('close', () => {
        responses.delete(response);
        // A body that was refused unread may end after its answer.
        if (!request.closed) request.once('close', sweep);
        sweep();
      });
      if (closing) announceEnd(responses);
    },

    hasPending: (socket) => (owed.get(socket)?.size ?? 0) > 0,
    isClosing: () => closing !== null,

    close(graceMs) {
      closing ??= new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
        for (const responses of owed.values()) announceEnd(responses);
      });
      return closing;
    },
  };
}

/** Tells a client with its last answer that the connection ends. On an earlier one it would cut off the rest. */
function announceEnd(responses: ReadonlySet<ServerResponse>): void {
  const last = [...responses].at(-1);
  for (const response of responses) {
    if (response.headersSent) continue;
    if (response === last) response.setHeader('connection', 'close');
    else response.removeHeader('connection');
  }
}
