import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { expect, test, vi } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

test('each operation is reported once, with its name, cost and outcome', async () => {
  const { post, finished } = await startHttp();
  await post({ query: 'query Screen { hello }' }, { 'x-request-id': 'r1' });
  await post({ query: 'mutation { write }' });
  await post({ query: '{ fails }' });
  await post({ query: '{ nothing }' });
  await post({ query: '{' });
  const none = { calls: null, status: 200 };
  expect(finished).toMatchObject([
    { requestId: 'r1', operation: 'Screen', type: 'query', calls: 1, code: null, status: 200 },
    { operation: 'anonymous', type: 'mutation', calls: 1, code: null },
    { operation: 'anonymous', type: 'query', code: 'INTERNAL_SERVER_ERROR', status: 200 },
    { ...none, type: 'query', code: 'GRAPHQL_VALIDATION_FAILED' },
    { ...none, type: null, code: 'GRAPHQL_PARSE_FAILED' },
  ]);
  for (const { durationMs } of finished) expect(durationMs).toBeGreaterThanOrEqual(0);
});

test('the report has no key, variable or document, and at most 64 characters of the name', async () => {
  const { post, finished } = await startHttp();
  const query = `query ${'N'.repeat(1000)}($name: String) { hello(name: $name) }`;
  const variables = { name: 'a private name' };
  await post({ query, variables }, { authorization: 'Bearer sk_live_1' });
  expect(finished).toMatchObject([{ operation: 'N'.repeat(64) }]);
  expect(JSON.stringify(finished)).not.toMatch(/private|sk_live|hello/);
});

test('a request that ends by a fault of this server is reported as one, not as an operation', async () => {
  let faults = 0;
  const { post, finished, logged } = await startHttp({
    cacheControlOf: () => {
      throw new Error('a fault');
    },
    onFault: () => (faults += 1),
  });
  const response = await post({ query: '{ hello }' });
  expect(response.status).toBe(500);
  expect([faults, finished, logged.length]).toEqual([1, [], 1]);
  await post('{');
  expect(faults).toBe(1);
});

test('an operation is aborted when its client disconnects', async () => {
  const arrived = Promise.withResolvers<AbortSignal>();
  const { port, finished } = await startHttp({
    gate: new Promise(() => {}),
    contextOf: (request) => {
      arrived.resolve(request.signal());
      return { request, gate: new Promise(() => {}) };
    },
  });
  const path = '/graphql?query={wait}';
  const request = httpRequest({ host: '127.0.0.1', port, path }).on('error', () => {});
  request.end();
  const signal = await arrived.promise;
  const aborted = once(signal, 'abort');
  request.destroy();
  await aborted;
  await vi.waitUntil(() => finished.length > 0);
  expect(finished).toMatchObject([{ status: 499 }]);
});

test('an operation is aborted at its deadline', async () => {
  const { post } = await startHttp({
    gate: new Promise(() => {}),
    options: { requestTimeoutMs: 20 },
  });
  const response = await post({ query: '{ wait }' });
  expect(await response.json()).toEqual({ data: { wait: 'TimeoutError' } });
});
