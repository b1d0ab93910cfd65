import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createOpenResponses } from '#tools/bench/servers/baselines/open-responses.ts';
import { createSubscribers } from '#tools/bench/servers/subscribers.ts';
import { sharedNow } from '#tools/bench/shared-clock.ts';

const event = (complete: boolean, ...ids: readonly string[]) => {
  const changed = ids.map((id) => ({ id }));
  return `event: next\ndata: ${JSON.stringify({ data: { instances: { complete, changed } } })}\n\n`;
};

async function startResponses() {
  const { server, broadcast } = createOpenResponses(event(true, 'one', 'two', 'three'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { server, broadcast, url: `http://127.0.0.1:${port}/graphql` };
}

test('the subscribers of the benchmark measure when a change is at the last stream', async () => {
  const { broadcast, url } = await startResponses();
  const subscribers = createSubscribers(sharedNow);
  await subscribers.open({ url, key: 'a', streams: 120, cohorts: 3 });
  expect(subscribers.takeArrivals().bytes).toBeGreaterThan(120 * event(true).length);
  const startedAt = sharedNow();
  subscribers.expect({ id: 'one', changedAt: startedAt });
  subscribers.expect({ id: 'two', changedAt: startedAt });
  expect(subscribers.takeArrivals()).toEqual({ bytes: 0, delaysMs: [null, null] });

  broadcast(event(false, 'one', 'three'));

  await expect.poll(() => subscribers.takeArrivals().delaysMs).toEqual([expect.any(Number), null]);
  const [delayMs = NaN] = subscribers.takeArrivals().delaysMs;
  expect(delayMs).toBeGreaterThan(0);
  expect(delayMs).toBeLessThanOrEqual(sharedNow() - startedAt);
});

test('the subscribers send an operation for each cohort', async () => {
  const { server, url } = await startResponses();
  const bodies: string[] = [];
  server.on('request', (request) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
  });
  const subscribers = createSubscribers(sharedNow);
  await subscribers.open({ url, key: 'a', streams: 12, cohorts: 3 });
  const names = bodies.map((body) => /subscription (\w+)/.exec(body)?.[1]);
  expect(new Set(names)).toEqual(new Set(['Screen0', 'Screen1', 'Screen2']));
});

test('a stream that ends with an error fails', async () => {
  const { server, url } = await startResponses();
  server.removeAllListeners('request');
  const error = `event: next\ndata: {"errors":[]}\n\nevent: complete\ndata:\n\n`;
  server.on('request', (_, response) => response.end(error));
  const opened = createSubscribers(sharedNow).open({ url, key: 'a', streams: 1, cohorts: 1 });
  await expect(opened).rejects.toThrow('A stream has failed');
});
