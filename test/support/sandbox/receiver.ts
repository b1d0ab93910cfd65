import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A receiver of webhooks on a free port, until the test ends. */
export async function startReceiver(secret = 'secret') {
  /** The events whose signature is valid: `instance.connected inst_abc123 2026-…`. */
  const received: string[] = [];
  const bodies: string[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    void receive(request, response);
  });
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const expected = createHmac('sha256', secret).update(body).digest('hex');
    if (request.headers['x-enviaai-signature'] === `sha256=${expected}`) {
      const { event, timestamp, data } = JSON.parse(body);
      received.push(`${event} ${data.instanceId} ${timestamp}`);
    }
    bodies.push(body);
    const answer = answers.shift() ?? 204;
    if (answer > 0) response.writeHead(answer).end();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    bodies,
    /** The statuses of the next responses; 0: no response. All others are 204. */
    answers,
  };
}
