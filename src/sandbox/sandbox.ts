import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { startingRows } from './account/grow.ts';
import { createTenants } from './account/tenants.ts';
import { controlResponse } from './controls/control-routes.ts';
import type { Controls, SandboxControl } from './controls/control.ts';
import { createControls } from './controls/create-controls.ts';
import { createVendor } from './vendor.ts';
import { jsonResponse, type SandboxResponse } from './wire/response.ts';
import { send, sendReply } from './wire/send.ts';

export interface SandboxOptions {
  /** The default is 0: a free port. */
  readonly port?: number;
  /** The default is 127.0.0.1. */
  readonly host?: string;
  /** Initial instances of each key. The default is 3, those of the documentation. */
  readonly instances?: number;
  /** The default is 50. */
  readonly ratePerMinute?: number;
  /** The clock of rate limit windows, of QR codes, of writes and of the Date header. */
  readonly now?: () => number;
  /** Calls `ring` after a time, for webhooks. Returns a function that cancels the timer. */
  readonly setTimer?: (ms: number, ring: () => void) => () => void;
}

export interface Sandbox {
  /** The base URL: `http://127.0.0.1:41234/v1`. */
  readonly url: string;
  readonly control: SandboxControl;
  /** Closes at once, and ends calls that hang. */
  close(): Promise<void>;
}

/**
 * The sandbox's clock, as of its start: its windows last a minute if the machine's clock is set
 * meanwhile.
 */
const monotonicNow = () => Math.floor(performance.timeOrigin + performance.now());

const systemTimer = (ms: number, ring: () => void) => {
  const timer = setTimeout(ring, ms).unref();
  return () => clearTimeout(timer);
};

/** Starts a second EnviaAI on a separate port. Rejects if it cannot listen on the port. */
export async function startSandbox({
  port = 0,
  host = '127.0.0.1',
  instances = 3,
  ratePerMinute = 50,
  now = monotonicNow,
  setTimer = systemTimer,
}: SandboxOptions = {}): Promise<Sandbox> {
  const tenants = createTenants({
    initialRows: startingRows(instances),
    ratePerMinute,
    now,
    setTimer,
  });
  const controls = createControls(tenants);
  const vendor = createVendor(tenants, now);

  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (/^\/v1(\/|\?|$)/.test(path)) {
      vendor(request, path.slice('/v1'.length)).then(
        (reply) => sendReply(response, reply, now),
        // If the request broke off, nothing is sent.
        () => send(response, failed('The sandbox failed.'), now()),
      );
    } else if (/^\/sandbox(\/|\?|$)/.test(path)) {
      void handleControl(request, response, path, controls, now);
    } else {
      const message = 'There is no such path. The API is under /v1.';
      const error = { code: 'not_found', message };
      send(response, jsonResponse(404, { success: false, error }), now());
    }
  });
  await listen(server, port, host);
  return {
    url: `${originOf(server, host)}/v1`,
    control: controls,
    close: () =>
      new Promise((resolve) => {
        tenants.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handleControl(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  controls: Controls,
  now: () => number,
): Promise<void> {
  try {
    send(response, await controlResponse(request, path, controls), now());
  } catch {
    send(response, failed('The control failed.'), now());
  }
}

function failed(message: string): SandboxResponse {
  return jsonResponse(500, { success: false, error: { message } });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function originOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  // A server that listens on all addresses is reachable on loopback.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
