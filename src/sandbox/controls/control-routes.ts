import type { IncomingMessage } from 'node:http';
import { bodyText } from '#src/sandbox/wire/body-text.ts';
import { jsonResponse, type SandboxResponse } from '#src/sandbox/wire/response.ts';
import type { Controls } from './control.ts';
import { help } from './help.ts';
import { BadInput } from './input.ts';

const maxBodyBytes = 1_048_576;

/** Read by GET. */
const records: ReadonlySet<string> = new Set(['calls', 'writes', 'deliveries']);

/** The response to a request under `/sandbox`. */
export async function controlResponse(
  request: IncomingMessage,
  path: string,
  controls: Controls,
): Promise<SandboxResponse> {
  const [pathname = '', search = ''] = path.split(/\?(.*)/s);
  const [host, ...otherHosts] = request.headersDistinct['host'] ?? [];
  if (otherHosts.length > 0 || !isThisMachine(request.socket.remoteAddress, host)) {
    return refuse(
      403,
      'The controls accept requests from this machine only, with the host name localhost.',
    );
  }
  if (pathname === '/sandbox') {
    return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: help };
  }
  const name = pathname.slice('/sandbox/'.length);
  const control = controlOf(name, controls);
  if (!control)
    return refuse(404, 'There is no control with this name. GET /sandbox lists all controls.');
  if (records.has(name)) {
    if (request.method !== 'GET') return refuse(405, `GET /sandbox/${name}?key=…`, 'GET');
    return run(() => control(Object.fromEntries(new URLSearchParams(search))));
  }
  if (request.method !== 'POST') return refuse(405, `POST /sandbox/${name}`, 'POST');
  // Browsers send this type to another origin only after a CORS preflight, which fails here.
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return refuse(415, 'Send a JSON body with the header content-type: application/json.');
  }
  const text = await bodyText(request, maxBodyBytes);
  if (text === null) return refuse(413, `The body must have at most ${maxBodyBytes} bytes.`);
  return run(() => control(jsonOf(text)));
}

/** Also checks the Host header, against DNS rebinding. */
export function isThisMachine(
  remoteAddress: string | undefined,
  host: string | undefined,
): boolean {
  const isLoopback = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/.test(remoteAddress ?? '');
  return isLoopback && /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host ?? '');
}

function controlOf(name: string, controls: Controls): ((input: unknown) => unknown) | undefined {
  return new Map<string, (input: unknown) => unknown>(Object.entries(controls)).get(name);
}

function run(control: () => unknown): SandboxResponse {
  try {
    return jsonResponse(200, { success: true, ...Object(control()) });
  } catch (error) {
    if (error instanceof BadInput) return refuse(400, error.message);
    throw error;
  }
}

function refuse(status: number, message: string, allow?: string): SandboxResponse {
  const response = jsonResponse(status, { success: false, error: { code: 'control', message } });
  return allow ? { ...response, headers: { ...response.headers, allow } } : response;
}

function jsonOf(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new BadInput('The body must be JSON.');
  }
}
