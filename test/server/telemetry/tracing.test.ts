import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answering, startTraced } from '#test/support/telemetry/traced.ts';
import { createFolder } from '#test/support/trusted-documents/manifests.ts';

const caller = { trace: 'a'.repeat(32), span: 'b'.repeat(16) };
const traceparent = `00-${caller.trace}-${caller.span}-01`;

test("a trace has spans for the operation, its reads and its upstream calls, in the caller's trace", async () => {
  const server = await startTraced({ upstream: answering(false) });
  const query =
    'query Screen { instances(first: 1) { totalCount } node(id: "inst_abc123") { id } instance(id: "inst_other") { id } }';
  await server.ask({ query }, { traceparent, 'x-request-id': 'r1' });
  const line = JSON.parse(await server.line('"Screen"')) as unknown;
  const spans = await server.spans();
  const named = (name: string) => spans.find((span) => span.name === name)!;

  const operation = named('query Screen');
  expect(operation).toMatchObject({ traceId: caller.trace, parentId: caller.span, kind: 'server' });
  expect(operation.attributes).toEqual({
    'graphql.operation.name': 'Screen',
    'graphql.operation.type': 'query',
    'http.response.status_code': 200,
    'enviaai.calls': 2,
  });
  for (const [read, call, status] of [
    ['read a list', 'GET /instances', 200],
    ['read by id', 'GET /instances/{id}', 404],
  ] as const) {
    expect(named(read)).toMatchObject({ parentId: operation.spanId, kind: 'internal' });
    expect(named(call)).toMatchObject({ parentId: named(read).spanId, kind: 'client' });
    expect(named(call).attributes).toMatchObject({ 'http.response.status_code': status });
  }
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([caller.trace]));
  expect(spans.some(({ failed }) => failed)).toBe(false);
  expect(spans).toHaveLength(5);

  expect(server.upstream.calls.map(({ headers }) => headers['traceparent'])).toEqual(
    ['GET /instances', 'GET /instances/{id}'].map(
      (name) => `00-${caller.trace}-${named(name).spanId}-01`,
    ),
  );
  expect(line).toMatchObject({ requestId: 'r1', traceId: caller.trace });
  expect(server.collector.resource()).toMatchObject({
    'service.name': 'enviaai-graphql',
    'service.version': JSON.parse(await readFile('package.json', 'utf8')).version,
  });
});

test('the spans of a failed call, its read and its operation have the type of the error', async () => {
  const server = await startTraced({
    upstream: (_, response) => void response.writeHead(500).end('a message of EnviaAI'),
  });
  await server.ask({ query: '{ instances { totalCount } }' });
  const spans = await server.spans();
  expect(
    spans.map(({ name, failed, attributes }) => [name, failed, attributes['error.type']]),
  ).toEqual([
    ['GET /instances', true, 'refused'],
    ['read a list', true, 'refused'],
    ['query anonymous', true, 'UPSTREAM_ERROR'],
  ]);
});

test('an error of the caller has a type, but does not mark the span as failed', async () => {
  const server = await startTraced();
  await server.ask({ query: '{ nothing }' });
  expect(await server.spans()).toMatchObject([
    {
      name: 'query anonymous',
      failed: false,
      attributes: { 'error.type': 'GRAPHQL_VALIDATION_FAILED' },
    },
  ]);
});

test('the headers for the collector can be in a file', async () => {
  const folder = await createFolder({ headers: 'authorization=Bearer%20of-a-file\n' });
  const env = { OTEL_EXPORTER_OTLP_HEADERS_FILE: join(folder, 'headers') };
  const server = await startTraced({ env });
  await server.ask({ query: '{ __typename }' });
  expect(await server.spans()).toHaveLength(1);
  expect(server.collector.authorizations).toEqual(['Bearer of-a-file']);
});

test('an invalid traceparent is ignored: the operation starts a new trace', async () => {
  const server = await startTraced();
  const wrong = [
    'x',
    `00-${'0'.repeat(32)}-${caller.span}-01`,
    `00-${caller.trace}-${'0'.repeat(16)}-01`,
    `ff-${caller.trace}-${caller.span}-01`,
    `${traceparent}-more`,
    traceparent.toUpperCase(),
    `${traceparent}, ${traceparent}`,
  ];
  for (const header of wrong)
    await server.ask({ query: '{ __typename }' }, { traceparent: header });
  const spans = await server.spans();
  expect(spans.map(({ parentId }) => parentId)).toEqual(wrong.map(() => ''));
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(wrong.length);
});

test('a later version of traceparent is parsed by its known fields', async () => {
  const server = await startTraced();
  const later = `cc-${caller.trace}-${caller.span}-01-what-comes`;
  await server.ask({ query: '{ __typename }' }, { traceparent: later });
  expect(await server.spans()).toMatchObject([{ traceId: caller.trace, parentId: caller.span }]);
});

test('an operation in an unsampled trace is not recorded, and its calls pass the flag on', async () => {
  const server = await startTraced();
  await server.ask(
    { query: '{ instances { totalCount } }' },
    { traceparent: `00-${caller.trace}-${caller.span}-00` },
  );
  expect(await server.spans()).toEqual([]);
  const [call] = server.upstream.calls;
  expect(call?.headers['traceparent']).toMatch(new RegExp(`^00-${caller.trace}-[0-9a-f]{16}-00$`));
});

test("a trace contains nothing that a caller sent, except the operation's name and the trace id", async () => {
  const server = await startTraced();
  const cursor = 'cursor-secret';
  const bodies = [
    {
      query: 'query A($id: ID!) { instance(id: $id) { name } }',
      variables: { id: 'inst_secret1' },
    },
    { query: '{ instance(id: "inst_secret2") { secretAlias: name } }' },
    { query: `{ instances(after: "${cursor}") { totalCount } }` },
    { query: '{ instances { nodes { phone } } }', extensions: { secret: 1 } },
    { query: '{ secretField }' },
  ];
  const headers = {
    authorization: 'Bearer sk_secret',
    'x-request-id': 'request-secret',
    tracestate: 'vendor=secret',
    baggage: 'user=secret',
  };
  for (const body of bodies) await server.ask(body, headers);
  const spans = await server.spans();
  const sent = Buffer.concat([...server.collector.bodies]).toString('latin1');
  expect(spans.length).toBeGreaterThan(bodies.length);
  expect(sent).not.toMatch(/secret|inst_|55119|127\.0\.0\.1|[0-9a-f]{64}/);
  const passed = server.upstream.calls.map(({ headers: { tracestate, baggage } }) => [
    tracestate,
    baggage,
  ]);
  expect(new Set(passed.flat())).toEqual(new Set([undefined]));
});
