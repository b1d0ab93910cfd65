import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Drain {
  /** Counts an answer that is owed. */
  readonly owe: (request: IncomingMessage, response: ServerResponse) => void;
  readonly owesOn: (socket: Socket) => boolean;
  readonly isClosing: () => boolean;
  /** Stops accepting, waits for every answer that is owed, at most so long, and closes what is left. */
  readonly close: (graceMs: number) => Promise<void>;
}

/** Keeps a server's books, so that it can stop without dropping a request that it has begun. */
export function createDrain(server: Server): Drain {
  const owed = new Map<Socket, Set<ServerResponse>>();
  let closing: Promise<void> | null = null;

  const settle = (socket: Socket, response: ServerResponse) => {
    owed.get(socket)?.delete(response);
    if (owed.get(socket)?.size === 0) owed.delete(socket);
    sweep();
  };
  // A connection counts as idle only after the event by which it becomes so.
  const sweep = () => {
    if (closing) setImmediate(() => server.closeIdleConnections());
  };

  return {
    owe(request, response) {
      const { socket } = request;
      const responses = owed.get(socket) ?? new Set();
      owed.set(socket, responses.add(response));
      response.once('close', () => settle(socket, response));
      // A body that was refused unread may end after its answer.
      request.once('close', sweep);
      if (closing) announceEnd(responses);
    },

    owesOn: (socket) => owed.has(socket),
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
