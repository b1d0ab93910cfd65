import { onTestFinished } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '#src/sandbox/sandbox.ts';

/** A sandbox that ends with the test. */
export async function sandboxWith(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  return sandbox;
}

export interface Heard {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read the JSON as it came
  readonly body: any;
}

/** GET under the base URL, with the key `sandbox` unless told otherwise. */
export async function ask(url: string, path: string, init: RequestInit = {}): Promise<Heard> {
  return heard(
    await fetch(`${url}${path}`, { headers: { authorization: 'Bearer sandbox' }, ...init }),
  );
}

export function askAs(key: string, url: string, path = '/instances'): Promise<Heard> {
  return ask(url, path, { headers: { authorization: `Bearer ${key}` } });
}

/** A control over HTTP. */
export async function tell(url: string, name: string, body: unknown): Promise<Heard> {
  const response = await fetch(controlUrl(url, name), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return heard(response);
}

export function controlUrl(url: string, name: string): string {
  return url.replace(/v1$/, `sandbox/${name}`);
}

export async function heard(response: Response): Promise<Heard> {
  return { status: response.status, headers: response.headers, body: await response.json() };
}

export function idsOf({ body }: Heard): string[] {
  return body.data.map(({ id }: { id: string }) => id);
}
