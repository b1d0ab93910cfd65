import { onTestFinished } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '#src/sandbox/sandbox.ts';

/** Starts a sandbox and closes it after the test. */
export async function sandboxWith(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  return sandbox;
}

export interface SandboxReply {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests check the JSON
  readonly body: any;
}

/** Sends a request under the base URL: by default a GET with the key `sandbox`. */
export async function send(
  url: string,
  path: string,
  init: RequestInit = {},
): Promise<SandboxReply> {
  return replyOf(
    await fetch(`${url}${path}`, { headers: { authorization: 'Bearer sandbox' }, ...init }),
  );
}

export function sendAs(key: string, url: string, path = '/instances'): Promise<SandboxReply> {
  return send(url, path, { headers: { authorization: `Bearer ${key}` } });
}

/** Sends a JSON body under the base URL, with the key `sandbox` unless another is given. */
export function write(
  url: string,
  call: `${'POST' | 'PATCH'} /${string}`,
  body?: unknown,
  key = 'sandbox',
): Promise<SandboxReply> {
  const [method = '', path = ''] = call.split(' ');
  return send(url, path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** Sends a request to a control over HTTP. */
export async function postControl(url: string, name: string, body: unknown): Promise<SandboxReply> {
  const response = await fetch(controlUrl(url, name), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return replyOf(response);
}

export function controlUrl(url: string, name: string): string {
  return url.replace(/v1$/, `sandbox/${name}`);
}

export async function replyOf(response: Response): Promise<SandboxReply> {
  return { status: response.status, headers: response.headers, body: await response.json() };
}

export function idsOf({ body }: SandboxReply): string[] {
  return body.data.map(({ id }: { id: string }) => id);
}
