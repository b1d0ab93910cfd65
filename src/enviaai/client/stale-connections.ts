import type { Socket } from 'node:net';
import { buildConnector } from 'undici';

/** Errors of calls that were sent on a connection which the other end had closed by then. */
const onKept = new WeakSet<Error>();

/**
 * Makes the connections to the vendor. A kept-alive one may be closed by the other end just as the next
 * call is sent on it: what that error says is nothing about the vendor.
 */
export function createConnector(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs });
  return (options, callback) =>
    connect(options, (...outcome) => {
      const [error, socket] = outcome;
      if (error === null) watch(socket);
      callback(...outcome);
    });
}

/** Whether a call failed, before any byte of its answer, for the age of its connection. */
export const isStaleConnectionError = (error: Error): boolean => onKept.has(error);

const closings: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);

/**
 * Marks how a connection ends that had carried a call before, where nothing came back for the last one.
 * By what HTTP wrote and read: a connection's own counts of bytes hold those of TLS too.
 */
function watch(socket: Socket): void {
  let calls = 0;
  let heard = false;
  const write = socket.write.bind(socket);
  // A GET goes out in one piece.
  Object.defineProperty(socket, 'write', {
    configurable: true,
    // Node takes it away when the connection ends.
    writable: true,
    value: (...piece: unknown[]): unknown => {
      calls += 1;
      heard = false;
      return Reflect.apply(write, undefined, piece);
    },
  });
  socket.on('readable', () => {
    heard ||= socket.readableLength > 0;
  });
  const endedUnheard = () => calls > 1 && !heard;
  socket.once('end', () => {
    if (!endedUnheard()) return;
    const closed = new Error('A kept connection was closed');
    onKept.add(closed);
    socket.destroy(closed);
  });
  socket.once('error', (error) => {
    if ('code' in error && closings.has(error.code) && endedUnheard()) onKept.add(error);
  });
}
