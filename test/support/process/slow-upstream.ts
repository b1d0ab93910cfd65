import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

/** An upstream that responds to all requests at once, when the test calls `answer`. */
export async function startSlowUpstream(expected: number) {
  const pending: ServerResponse[] = [];
  const received = Promise.withResolvers<void>();
  const server = createServer((_, response) => {
    pending.push(response);
    if (pending.length === expected) received.resolve();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as { port: number };
  const page = {
    data: { instances: [], pagination: { total: 0, limit: 100, offset: 0, hasMore: false } },
  };
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    /** Resolves when the expected number of requests was received. */
    received: received.promise,
    answer: () => {
      for (const response of pending) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ success: true, ...page }));
      }
    },
  };
}

/** Sends an operation with the key number `key`. Each key causes one upstream call. */
export const ask = (url: string, key: number) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer key${key}` },
    body: JSON.stringify({ query: '{ instances { totalCount } }' }),
  });
