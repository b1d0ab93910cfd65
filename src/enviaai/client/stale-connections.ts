import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { Failure } from '#src/domain/failure.ts';

export interface StaleConnections {
  /** Watches the connections that this function opens. */
  readonly watch: (connect: buildConnector.connector) => buildConnector.connector;
  /** Whether a request failed because its kept-alive connection had been closed before. */
  readonly isStaleConnectionError: (error: Error) => boolean;
}

/** A kept-alive connection was closed in place of sending a write: no byte of it was sent. */
export class IdleConnection extends Failure {
  constructor() {
    super('unavailable', 'The connection was idle for too long to send a write');
  }
}

/**
 * A write is sent on a kept-alive connection that was silent for no longer than this. Servers close
 * a connection that is idle for two seconds or more: in less, only one that is being stopped.
 */
const maxIdleMs = 1000;

const closeCodes: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Detects stale connections. EnviaAI may close a kept-alive connection at the moment when the next
 * request is sent on it. Such an error says nothing about EnviaAI, which did not see the request: a
 * read is sent again. A write is not sent where this is likely.
 */
export function createStaleConnections(now: () => number): StaleConnections {
  const staleErrors = new WeakSet<Error>();
  return {
    watch: (connect) => (options, callback) =>
      connect(options, (...outcome) => {
        const [error, socket] = outcome;
        if (error === null) watchSocket(socket, staleErrors, now);
        callback(...outcome);
      }),
    isStaleConnectionError: (error) => staleErrors.has(error),
  };
}

/**
 * Adds the error of a socket to `staleErrors` if the socket has carried an earlier request, and no
 * byte of the response to the last one arrived. Destroys an idle socket in place of sending a write.
 * Counts what HTTP writes and reads: the socket's byte counters include those of TLS.
 */
function watchSocket(socket: Socket, staleErrors: WeakSet<Error>, now: () => number): void {
  let requests = 0;
  let hasResponse = false;
  let answeredAt = now();
  const write = socket.write.bind(socket);
  Object.defineProperty(socket, 'write', {
    configurable: true,
    // Node assigns to it when the connection ends.
    writable: true,
    value: (...args: unknown[]): unknown => {
      const [head] = args;
      // undici writes the head of a request as one string, and its body as a buffer.
      if (typeof head === 'string') {
        requests += 1;
        hasResponse = false;
        const isIdle = requests > 1 && now() - answeredAt > maxIdleMs;
        if (isIdle && !head.startsWith('GET ')) return socket.destroy(new IdleConnection());
      }
      return Reflect.apply(write, undefined, args);
    },
  });
  socket.on('readable', () => {
    if (socket.readableLength === 0) return;
    hasResponse = true;
    answeredAt = now();
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
