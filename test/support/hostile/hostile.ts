import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect } from 'vitest';
import type { Started } from '#test/support/start.ts';

/** An answer as it came over the wire, whatever it is. */
export interface Raw {
  readonly statuses: readonly number[];
  readonly text: string;
}

export const socketTo = (url: string): Socket =>
  connect({ host: '127.0.0.1', port: Number(new URL(url).port) });

/** Sends exactly these bytes, and reads until the server ends the connection. */
export async function sendRaw(url: string, bytes: string | Buffer): Promise<Raw> {
  const socket = socketTo(url);
  // A server may cut off what it will not read.
  socket.on('error', () => {});
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  const text = (await buffer(socket).catch(() => Buffer.alloc(0))).toString('latin1');
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return { statuses, text };
}

export interface Told {
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

export interface Posted {
  readonly body: string | Buffer | object;
  readonly headers?: Record<string, string>;
}

/** Posts a body as it is; an object as JSON. */
export async function post(url: string, { body, headers }: Posted): Promise<Told> {
  const isBytes = typeof body === 'string' || Buffer.isBuffer(body);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer test', ...headers },
    body: isBytes ? new Blob([Buffer.from(body)]) : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, body: text === '' ? {} : JSON.parse(text) };
}

/** The first error's code, and the limit it names. */
export const codeOf = ({ body }: Told): string =>
  Object.entries(body.errors?.[0]?.extensions ?? {})
    .flatMap(([name, value]) => (['code', 'limit'].includes(name) ? String(value) : []))
    .join(' ');

/** What holds of every answer to what should not have been sent. */
export function expectDecent({ status, text, body }: Told): void {
  expect(status).toBeLessThan(500);
  expect(text.length).toBeLessThan(100_000);
  expect(text).not.toMatch(/originalError|"stack"|node_modules|\.ts:\d|file:\/\//);
  for (const { message } of body.errors ?? []) expect(message.length).toBeLessThanOrEqual(300);
}

/** Whether a well-behaved client is still served, and at the usual cost. */
export async function expectServed(server: Started): Promise<void> {
  const { data, errors } = await server.query('{ instances(first: 1) { totalCount } }');
  expect({ data, errors }).toEqual({ data: { instances: { totalCount: 3 } }, errors: undefined });
}
