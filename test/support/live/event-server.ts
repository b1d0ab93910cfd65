import type { ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { startUpstream } from '#test/support/upstream.ts';

/** Bytes of a stream, in the distinct connections mode of graphql-sse. */
export const next = (result: object): string => `event: next\ndata: ${JSON.stringify(result)}\n\n`;
export const complete = 'event: complete\ndata:\n\n';

/** An event of `instanceQrCode`. */
export const qrEvent = (fields: object): string =>
  next({
    data: {
      instanceQrCode: {
        status: 'QR_PENDING',
        image: null,
        expiresAt: null,
        outcome: null,
        ...fields,
      },
    },
  });

/** The end of a stream by an error. */
export const failed = (extensions: object): string =>
  next({ errors: [{ message: 'The stream has ended.', extensions }] }) + complete;

export type Script = (response: ServerResponse) => void;

/** Writes this in an open stream, which stays open. */
export const says =
  (...parts: readonly (string | Uint8Array)[]): Script =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const part of parts) response.write(part);
  };

/** Breaks the connection after it. */
export const breaksAfter =
  (...parts: readonly string[]): Script =>
  (response) => {
    says(...parts)(response);
    response.write('', () => response.destroy());
  };

export const endsAfter =
  (...parts: readonly string[]): Script =>
  (response) => {
    says(...parts)(response);
    response.end();
  };

/**
 * A server whose `connectInstance` returns a code, and whose subscriptions follow the scripts, one
 * after the other; the last one is repeated.
 */
export async function startEventServer(...scripts: readonly Script[]) {
  let streams = 0;
  const authorizations: (string | undefined)[] = [];
  const qrCode = { status: 'QR_PENDING', image: 'code 1', expiresAt: '2026-01-01T00:01:00.000Z' };
  const server = await startUpstream((request, response) => {
    if (!request.headers.accept?.includes('text/event-stream')) {
      const data = { connectInstance: { qrCode, userErrors: [] } };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ data }));
      return;
    }
    authorizations.push(request.headers.authorization);
    const script = scripts[Math.min(streams++, scripts.length - 1)];
    script?.(response);
  });
  onTestFinished(() => server.close());
  return { url: server.url.href, streams: () => streams, authorizations };
}
