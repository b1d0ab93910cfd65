import type { ServerResponse } from 'node:http';
import type { VendorReply } from './fault.ts';
import type { SandboxResponse } from './response.ts';

export function send(to: ServerResponse, response: SandboxResponse, now: number): void {
  if (to.destroyed) return;
  to.writeHead(response.status, headersOf(response, now)).end(response.body);
}

/** Sends a reply, unless a fault interrupts it. */
export function sendReply(
  to: ServerResponse,
  { outcome, delayMs }: VendorReply,
  now: () => number,
): void {
  const sendNow = () => {
    switch (outcome.kind) {
      case 'whole':
        return send(to, outcome.response, now());
      case 'truncated':
        return sendHalf(to, outcome.response, now());
      case 'reset':
        return void to.socket?.resetAndDestroy();
      case 'hang':
        // The connection stays open until the client or the sandbox closes it.
        return undefined;
    }
  };
  if (delayMs === 0) return sendNow();
  const timer = setTimeout(sendNow, delayMs);
  to.once('close', () => clearTimeout(timer));
}

/**
 * Sends the `content-length` of the whole body, then half of the body, then closes the connection.
 */
function sendHalf(to: ServerResponse, response: SandboxResponse, now: number): void {
  const bytes = Buffer.from(response.body);
  to.writeHead(response.status, headersOf(response, now));
  to.write(bytes.subarray(0, bytes.length / 2), () => to.destroy());
}

function headersOf({ headers, body }: SandboxResponse, now: number): Record<string, string> {
  return {
    date: new Date(now).toUTCString(),
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
}
