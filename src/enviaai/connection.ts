import { buildConnector, errors } from 'undici';

/** Errors of connections that had served an answer before. */
const onReused = new WeakSet<Error>();

/**
 * Makes the connections to the vendor. A kept-alive one may be closed by the other end just as the next
 * call is sent on it: what that error says is nothing about the vendor.
 */
export function createConnector(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs });
  return (options, callback) =>
    connect(options, (...outcome) => {
      const [error, socket] = outcome;
      if (error === null) {
        socket.once('error', (broken) => {
          if (socket.bytesRead > 0) onReused.add(broken);
        });
      }
      callback(...outcome);
    });
}

/** Whether a call failed, before any byte of its answer, for the age of its connection. */
export function isOfReused(error: Error): boolean {
  if (error instanceof errors.SocketError) return (error.socket?.bytesRead ?? 0) > 0;
  return onReused.has(error);
}
