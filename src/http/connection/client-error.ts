import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';

const statusByCode = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
]);

/**
 * Answers bytes that Node could not parse as HTTP, then closes the connection. While another
 * response is pending on the connection, the error response could end up inside it, so the
 * connection is only closed.
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  hasPendingResponse: boolean,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable || hasPendingResponse) {
    socket.destroy();
    return;
  }
  const status = statusByCode.get(error.code ?? '') ?? '400 Bad Request';
  const headers = `connection: close\r\ncontent-length: 0\r\nx-request-id: ${randomUUID()}`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n`);
}
