import type { IncomingMessage } from 'node:http';
import { type SandboxResponse, jsonResponse } from './answer.ts';
import type { Controls } from './control.ts';
import { BadInput } from './input.ts';

const maxBodyBytes = 1_048_576;

const help = `The sandbox's controls, for this machine alone. POST JSON (content-type: application/json)
to /sandbox/<name>; "key" is the API key whose account is meant, "sandbox" if left out.

status  {"id", "status"}           connected, disconnected, connecting or qr_pending
add     {"count"?, "instance"?, "omit"?, "at"?}
                                   made-up instances, at the end or at an index; the fields of
                                   "instance" are laid over, the ones in "omit" taken away
remove  {"id"} or {"ids"}
spend   {"remaining"} or {"requests"}
                                   what is left of this minute's budget, or what to take from it
fail    {"times"?, "mode"?, "status"?, "code"?, "retryAfter"?, "delayMs"?, "body"?, "headers"?}
                                   the next calls fail, 1 if "times" is left out; 0 clears. Modes:
                                   status, slow, hang, reset, truncate, invalid-json, html
stir    {"on"}                     true: after each call one of its rows has a new lastSeenAt
reset   {}                         the key as it was before its first use

GET /sandbox/calls?key=sandbox     the last calls, oldest first

The keys invalid, expired and forbidden are refused; any other one works.
`;

/** Answers what is under `/sandbox`, or says why it does not. */
export async function answerControl(
  request: IncomingMessage,
  path: string,
  controls: Controls,
): Promise<SandboxResponse> {
  const [pathname = '', search = ''] = path.split(/\?(.*)/s);
  if (!isOwnMachine(request.socket.remoteAddress, request.headers.host)) {
    return refuse(403, 'The controls answer only this machine, asked for as localhost.');
  }
  if (pathname === '/sandbox') {
    return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: help };
  }
  const name = pathname.slice('/sandbox/'.length);
  if (name === 'calls') {
    if (request.method !== 'GET') return refuse(405, 'GET /sandbox/calls?key=…', 'GET');
    return run(() => controls.calls(Object.fromEntries(new URLSearchParams(search))));
  }
  const control = controlOf(name, controls);
  if (!control) return refuse(404, 'There is no such control; GET /sandbox lists them.');
  if (request.method !== 'POST') return refuse(405, `POST /sandbox/${name}`, 'POST');
  // A web page can send this type to another origin only after asking, and is not answered then.
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return refuse(415, 'Send the body with content-type: application/json.');
  }
  const text = await textOf(request);
  if (text === null) return refuse(413, `The body must be at most ${maxBodyBytes} bytes.`);
  return run(() => control(jsonOf(text)));
}

/** The Host header too: a foreign name that resolves to this machine is a web page's trick. */
export function isOwnMachine(remoteAddress: string | undefined, host: string | undefined): boolean {
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
  const answer = jsonResponse(status, { success: false, error: { code: 'control', message } });
  return allow ? { ...answer, headers: { ...answer.headers, allow } } : answer;
}

function jsonOf(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new BadInput('The body must be JSON.');
  }
}

/** Null past the limit. */
async function textOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > maxBodyBytes) return null;
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
