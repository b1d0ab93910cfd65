import { expect, test } from 'vitest';
import { figure } from '#test/support/budget/figure.ts';
import { urlOf } from '#test/support/process/start-process.ts';
import { startTraced } from '#test/support/telemetry/traced.ts';
import {
  dataOf,
  fullList,
  type CachingServer,
  startCaching,
} from '#test/support/response-cache/caching-server.ts';

const lines = (server: CachingServer, requestId: string) =>
  server.log
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line['requestId'] === requestId);

const ways: [string, object, number, number][] = [
  ['executed by Yoga', {}, 0, 1],
  ['executed with graphql-js', { first: 1 }, 0, 0],
  ['cached', {}, 1000, 0],
  ['revalidated', {}, 1001, 1],
];

test('a cached response has the same headers, log line and metrics as an executed one', async () => {
  const server = await startCaching({
    env: { FRESH_MS: '2000', CORS_ORIGINS: 'https://app.example' },
  });
  for (const [index, [way, variables, passes, calls]] of ways.entries()) {
    server.clock.advance(passes);
    const requestId = `request-${index}`;
    const { status, headers, text } = await server.query(fullList, variables, {
      'x-request-id': requestId,
      origin: 'https://app.example',
      'accept-encoding': 'identity',
    });
    expect(status, way).toBe(200);
    expect(Object.fromEntries(headers), way).toMatchObject({
      'x-request-id': requestId,
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': 'https://app.example',
      vary: 'Accept, Accept-Encoding, Authorization, Origin',
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(text)),
      'cache-control': `private, max-age=${index === 2 ? 1 : 2}`,
    });
    await expect
      .poll(() => lines(server, requestId), { message: way })
      .toMatchObject([
        {
          operation: 'Everything',
          type: 'query',
          durationMs: expect.any(Number) as unknown,
          calls,
          code: null,
          status: 200,
        },
      ]);
  }
  expect(await server.hits()).toBe(2);
  for (const [name, value] of [
    ['operations_total{operation="Everything",code="OK"}', 4],
    ['operation_duration_seconds_count{operation="Everything"}', 4],
    ['answer_age_seconds_count', 4],
    ['answer_age_seconds_sum', 1],
  ] as const) {
    expect(await figure(server, `enviaai_${name}`), name).toBe(value);
  }
});

test('the calls that a cache hit saves are counted by their source', async () => {
  const server = await startCaching({ instances: 30 });
  const saved = async () =>
    Promise.all(
      ['memory', 'narrowed'].map((by) =>
        figure(server, `enviaai_upstream_calls_saved_total{by="${by}"}`),
      ),
    );
  const narrowed = '{ instances(status: CONNECTED) { totalCount } }';
  await server.query('{ instances { totalCount } }');
  await server.query(narrowed);
  expect(await saved()).toEqual([0, 1]);
  await server.query('{ instances { totalCount } }');
  await server.query(narrowed);
  expect(await saved()).toEqual([1, 2]);
  expect(await server.hits()).toBe(2);
  server.clock.advance(2001);
  await server.query('{ instances { totalCount } }');
  expect(await saved()).toEqual([1, 2]);
  expect(await server.hits()).toBe(3);
  expect(server.calls()).toHaveLength(2);
});

test('the max-age of a cached response decreases', async () => {
  const server = await startCaching({ env: { FRESH_MS: '10000' } });
  const seen = [];
  for (const passes of [0, 1, 4999, 4500, 500, 1]) {
    server.clock.advance(passes);
    seen.push((await server.query(fullList)).headers.get('cache-control'));
  }
  expect(seen).toEqual([10, 9, 5, 0, 0, 10].map((left) => `private, max-age=${left}`));
  expect(await server.hits()).toBe(5);
  expect(server.calls()).toHaveLength(2);
});

test('a cached response is served again by GET as by POST', async () => {
  const server = await startCaching();
  const url = new URL(server.url);
  url.search = String(new URLSearchParams({ query: fullList, variables: '{"first":2}' }));
  const get = async (headers: Record<string, string> = {}) => {
    const response = await fetch(url, { headers: { authorization: 'Bearer test', ...headers } });
    return { response, text: await response.text() };
  };
  const first = await get();
  const posted = await server.query(fullList, { first: 2 });
  const again = await get({ origin: 'http://localhost:3000' });
  expect(dataOf(posted)).toBe(first.text.slice(0, first.text.indexOf(',"extensions":')));
  expect(again.text).toBe(posted.text);
  expect(Object.fromEntries(again.response.headers)).toMatchObject({
    'access-control-allow-origin': 'http://localhost:3000',
    vary: 'Accept, Accept-Encoding, Authorization, Origin',
    'cache-control': 'private, max-age=2',
  });
  expect(await server.hits()).toBe(2);
  expect(server.calls()).toHaveLength(1);
});

test('a cached response has the CORS headers of its request', async () => {
  const server = await startCaching({ env: { CORS_ORIGINS: 'https://app.example' } });
  const ask = (origin: string) => server.query(fullList, {}, { origin });
  await ask('https://app.example');
  const other = await ask('https://other.example');
  expect(other.headers.get('access-control-allow-origin')).toBeNull();
  const allowed = await ask('https://app.example');
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example');
  expect(await server.hits()).toBe(2);
});

test('a cache hit has a span in the trace of its caller, without a call', async () => {
  const server = await startTraced({ env: { FRESH_MS: '600000', STALE_MS: '600000' } });
  const traces = ['a', 'b', 'c'].map((digit) => digit.repeat(32));
  for (const trace of traces) {
    await server.ask(
      { query: 'query Screen { instances { totalCount } }' },
      { traceparent: `00-${trace}-${'d'.repeat(16)}-01` },
    );
  }
  const figures = await fetch(new URL('/metrics', await urlOf(server)));
  expect(await figures.text()).toContain('enviaai_answers_reused_total 2');
  const spans = await server.spans();
  expect(spans.filter(({ kind }) => kind === 'client')).toHaveLength(1);
  for (const [index, traceId] of traces.entries()) {
    expect(spans.find((span) => span.traceId === traceId && span.kind === 'server')).toMatchObject({
      name: 'query Screen',
      parentId: 'd'.repeat(16),
      failed: false,
      attributes: {
        'graphql.operation.name': 'Screen',
        'graphql.operation.type': 'query',
        'http.response.status_code': 200,
        'enviaai.calls': index === 0 ? 1 : 0,
      },
    });
  }
});

test('a revalidation has one call in the trace of its operation', async () => {
  const server = await startTraced({ env: { FRESH_MS: '0' } });
  const traces = ['a', 'b'].map((digit) => digit.repeat(32));
  for (const trace of traces) {
    await server.ask(
      { query: 'query Screen { instances { totalCount } }' },
      { traceparent: `00-${trace}-${'d'.repeat(16)}-01` },
    );
  }
  const spans = await server.spans();
  const ofSecond = spans.filter(({ traceId }) => traceId === traces[1]);
  const operation = ofSecond.find(({ kind }) => kind === 'server');
  expect(operation?.attributes).toMatchObject({ 'enviaai.calls': 1 });
  expect(ofSecond.filter(({ kind }) => kind === 'client')).toMatchObject([
    { name: 'GET /instances', parentId: operation?.spanId },
  ]);
});
