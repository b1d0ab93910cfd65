import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

export interface StaleConnections {
  /** Watches the connections that this function opens. */
  readonly watch: (connect: buildConnector.connector) => buildConnector.connector;
  /** Whether a request failed because its kept-alive connection had been closed before. */
  readonly isStaleConnectionError: (error: Error) => boolean;
}

const closeCodes: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Detects stale connections. EnviaAI may close a kept-alive connection at the moment when the next
 * request is sent on it. Such an error says nothing about EnviaAI, which did not see the request.
 */
export function createStaleConnections(): StaleConnections {
  const staleErrors = new WeakSet<Error>();
  return {
    watch: (connect) => (options, callback) =>
      connect(options, (...outcome) => {
        const [error, socket] = outcome;
        if (error === null) watchSocket(socket, staleErrors);
        callback(...outcome);
      }),
    isStaleConnectionError: (error) => staleErrors.has(error),
  };
}

/**
 * Adds the error of a socket to `staleErrors` if the socket has carried an earlier request, and no
 * byte of the response to the last one arrived. Counts what HTTP writes and reads: the socket's
 * byte counters include those of TLS.
 */
function watchSocket(socket: Socket, staleErrors: WeakSet<Error>): void {
  let requests = 0;
  let hasResponse = false;
  const write = socket.write.bind(socket);
  // undici sends a GET with one write.
  Object.defineProperty(socket, 'write', {
    configurable: true,
    // Node assigns to it when the connection ends.
    writable: true,
    value: (...args: unknown[]): unknown => {
      requests += 1;
      hasResponse = false;
      return Reflect.apply(write, undefined, args);
    },
  });
  socket.on('readable', () => {
    hasResponse ||= socket.readableLength > 0;
  });
  const isStale = () => requests > 1 && !hasResponse;
  socket.once('end', () => {
    if (!isStale()) return;
    const error = new Error('A kept-alive connection was closed');
    staleErrors.add(error);
    socket.destroy(error);
  });
  socket.once('error', (error) => {
    if ('code' in error && closeCodes.has(error.code) && isStale()) staleErrors.add(error);
  });
}
