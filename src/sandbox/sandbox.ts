import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { jsonResponse } from './answer.ts';
import { answerControl } from './control-routes.ts';
import { type Controls, createControls, type SandboxControl } from './control.ts';
import { startingRows } from './grow.ts';
import { send, sendReply } from './send.ts';
import { createTenants } from './tenants.ts';
import { createVendor } from './vendor.ts';

export interface SandboxOptions {
  /** Default 0: a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** How many each key's account starts with. Default 3, the documentation's own. */
  readonly instances?: number;
  /** Default 50. */
  readonly ratePerMinute?: number;
  /** The vendor's clock: rate limit windows and the Date header. */
  readonly now?: () => number;
}

export interface Sandbox {
  /** The base URL: `http://127.0.0.1:41234/v1`. */
  readonly url: string;
  readonly control: SandboxControl;
  /** Ends at once, calls that hang included. */
  close(): Promise<void>;
}

/** A second EnviaAI on a port of its own. Rejects when the port cannot be had. */
export async function startSandbox({
  port = 0,
  host = '127.0.0.1',
  instances = 3,
  ratePerMinute = 50,
  now = Date.now,
}: SandboxOptions = {}): Promise<Sandbox> {
  const tenants = createTenants({ start: startingRows(instances), ratePerMinute, now });
  const controls = createControls(tenants);
  const vendor = createVendor(tenants);

  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (/^\/v1(\/|\?|$)/.test(path)) {
      sendReply(response, vendor(request, path.slice('/v1'.length)), now);
    } else if (/^\/sandbox(\/|\?|$)/.test(path)) {
      void handleControl(request, response, path, controls, now);
    } else {
      const message = 'No such path; the API is under /v1';
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
    send(response, await answerControl(request, path, controls), now());
  } catch {
    send(
      response,
      jsonResponse(500, { success: false, error: { message: 'Control failed' } }),
      now(),
    );
  }
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
  // Who listens everywhere is reached here.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
