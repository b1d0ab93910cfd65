import type { ServerResponse } from 'node:http';
import type { SandboxResponse } from './answer.ts';
import type { VendorReply } from './vendor.ts';

export function send(response: ServerResponse, answer: SandboxResponse, now: number): void {
  if (response.destroyed) return;
  response.writeHead(answer.status, headersOf(answer, now)).end(answer.body);
}

/** Sends the vendor's reply, or what a fault leaves of it. */
export function sendReply(
  response: ServerResponse,
  { outcome, delayMs }: VendorReply,
  now: () => number,
): void {
  const act = () => {
    switch (outcome.kind) {
      case 'whole':
        return send(response, outcome.answer, now());
      case 'truncated':
        return sendHalf(response, outcome.answer, now());
      case 'reset':
        return void response.socket?.resetAndDestroy();
      case 'hang':
        // Until the caller gives up or the sandbox closes.
        return undefined;
    }
  };
  if (delayMs === 0) return act();
  const timer = setTimeout(act, delayMs);
  response.once('close', () => clearTimeout(timer));
}

/** The length of the whole body, half of the body, then the end of the connection. */
function sendHalf(response: ServerResponse, answer: SandboxResponse, now: number): void {
  const bytes = Buffer.from(answer.body);
  response.writeHead(answer.status, headersOf(answer, now));
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
}

function headersOf({ headers, body }: SandboxResponse, now: number): Record<string, string> {
  return {
    date: new Date(now).toUTCString(),
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
}
