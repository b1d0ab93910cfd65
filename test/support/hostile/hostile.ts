import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect } from 'vitest';
import type { Started } from '#test/support/start.ts';

/** The bytes that a server sent, whether or not they are HTTP. */
export interface RawResponse {
  /** The status of each HTTP response. */
  readonly statuses: readonly number[];
  readonly text: string;
}

export const socketTo = (url: string): Socket =>
  connect({ host: '127.0.0.1', port: Number(new URL(url).port) });

/** Sends these bytes, and reads until the server closes the connection. */
export async function sendRaw(url: string, bytes: string | Buffer): Promise<RawResponse> {
  const socket = socketTo(url);
  // The server may reset a connection whose bytes it does not read.
  socket.on('error', () => {});
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  const text = (await buffer(socket).catch(() => Buffer.alloc(0))).toString('latin1');
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return { statuses, text };
}

export interface PostResponse {
  readonly status: number;
  readonly text: string;
  readonly body: {
    readonly data?: unknown;
    readonly errors?: readonly {
      readonly message: string;
      readonly extensions: Readonly<Record<string, unknown>>;
    }[];
  };
}

export interface PostOptions {
  readonly body: string | Buffer | object;
  readonly headers?: Record<string, string>;
}

/** Posts a body: bytes unchanged, an object as JSON. */
export async function post(url: string, { body, headers }: PostOptions): Promise<PostResponse> {
  const isBytes = typeof body === 'string' || Buffer.isBuffer(body);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer test', ...headers },
    body: isBytes ? new Blob([Buffer.from(body)]) : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, body: text === '' ? {} : JSON.parse(text) };
}

/** The code of the first error, followed by the name of the limit. */
export const codeOf = ({ body }: PostResponse): string =>
  Object.entries(body.errors?.[0]?.extensions ?? {})
    .flatMap(([name, value]) => (['code', 'limit'].includes(name) ? String(value) : []))
    .join(' ');

/** Asserts what holds for every response: no 5xx, no stack, no long text. */
export function expectSafe({ status, text, body }: PostResponse): void {
  expect(status).toBeLessThan(500);
  expect(text.length).toBeLessThan(100_000);
  expect(text).not.toMatch(/originalError|"stack"|node_modules|\.ts:\d|file:\/\//);
  for (const { message } of body.errors ?? []) expect(message.length).toBeLessThanOrEqual(300);
}

/** Asserts that the server still serves an ordinary client. */
export async function expectStillServes(server: Started): Promise<void> {
  const { data, errors } = await server.query('{ instances(first: 1) { totalCount } }');
  expect({ data, errors }).toEqual({ data: { instances: { totalCount: 3 } }, errors: undefined });
}
