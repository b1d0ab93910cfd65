import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

/** An upstream that answers all its requests when a test calls `answer`. */
export async function startSlowUpstream(expected: number) {
  const held: ServerResponse[] = [];
  const asked = Promise.withResolvers<void>();
  const server = createServer((_, response) => {
    held.push(response);
    if (held.length === expected) asked.resolve();
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
    /** Resolves when the expected number of requests has arrived. */
    asked: asked.promise,
    answer: () => {
      for (const response of held) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ success: true, ...page }));
      }
    },
  };
}

/** Sends a query with one of many keys: each key costs an upstream call. */
export const ask = (url: string, key: number) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer key${key}` },
    body: JSON.stringify({ query: '{ instances { totalCount } }' }),
  });
