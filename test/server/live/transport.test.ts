import { expect, test } from 'vitest';
import { eventStream, multipart } from '#test/support/live/stream-client.ts';
import { line, qrCode, startWatched } from '#test/support/live/watched-server.ts';

const status = `subscription { instanceQrCode(id: "${line}") { status outcome } }`;
const result = (status: string, outcome: string | null) =>
  JSON.stringify({ data: { instanceQrCode: { status, outcome } } });
const pending = result('QR_PENDING', null);
const linked = result('CONNECTED', 'LINKED');
const part = (json: string) => `\r\ncontent-type: application/json\r\n\r\n${json}\r\n--graphql`;

test.each([
  {
    accept: eventStream,
    type: 'text/event-stream; charset=utf-8',
    bytes:
      `:\n\nevent: next\ndata: ${pending}\n\n:\n\n` +
      `event: next\ndata: ${linked}\n\nevent: complete\ndata:\n\n`,
  },
  {
    accept: multipart,
    type: 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"',
    bytes:
      `\r\n--graphql${part(`{"payload":${pending}}`)}${part('{}')}` +
      `${part(`{"payload":${linked}}`)}--\r\n`,
  },
])('a subscription is answered as $accept, byte for byte', async ({ accept, type, bytes }) => {
  const server = await startWatched();
  await server.connect();
  const stream = await server.open(status, { accept });
  await expect.poll(() => stream.results()).toHaveLength(1);
  // Heartbeats are twelve seconds apart; the first one comes earlier.
  await server.pass(10_000, 1000);
  server.control.scan({ key: 'test', id: line });
  await server.pass(2000, 1000);
  expect(await stream.ended).toBe(bytes);
  expect(stream.status).toBe(200);
  expect(Object.fromEntries(stream.headers)).toMatchObject({
    'content-type': type,
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  expect(stream.headers.has('content-encoding')).toBe(false);
  expect(stream.headers.has('content-length')).toBe(false);
});

test.each([
  [eventStream, (json: string) => `:\n\nevent: next\ndata: ${json}\n\nevent: complete\ndata:\n\n`],
  [multipart, (json: string) => `\r\n--graphql${part(`{"payload":${json}}`)}--\r\n`],
])('a query asked with %s is a stream of one event', async (accept, textOf) => {
  const server = await startWatched();
  const query = '{ instance(id: "inst_abc123") { name } }';
  const stream = await server.open(query, { accept });
  const json = await server.query(query);
  const sent = JSON.parse(json.text);
  sent.extensions.enviaai.calls = 1;
  expect(await stream.ended).toBe(textOf(JSON.stringify(sent)));
  expect(stream.headers.get('cache-control')).toBe('no-cache, no-transform');
});

test('a query whose client prefers JSON gets JSON', async () => {
  const server = await startWatched();
  const headers = { accept: 'application/json, text/event-stream, multipart/mixed' };
  const answer = await server.query('{ instances { totalCount } }', {}, headers);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
});

test('a subscription takes the first stream of several that are accepted', async () => {
  const server = await startWatched();
  const accept = 'application/json, text/event-stream, multipart/mixed';
  const stream = await server.open(status, { accept });
  expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
});

test.each([
  ['nothing', undefined],
  ['JSON', 'application/json'],
  ['anything', '*/*'],
  ['parts of another specification', 'multipart/mixed;deferSpec=20220824, application/json'],
  ['a stream with weight 0', 'text/event-stream;q=0, application/json'],
])('a subscription whose client accepts %s is 406, in JSON', async (_, accept) => {
  const server = await startWatched();
  const headers = { ...(accept && { accept }) };
  const answer = await server.query(qrCode, { id: line }, headers);
  expect(answer.status).toBe(406);
  expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'BAD_REQUEST' }]);
  expect(server.calls()).toEqual([]);
});

test('a subscription by GET is 405', async () => {
  const server = await startWatched();
  const search = new URLSearchParams({ query: status });
  const response = await fetch(`${server.url}?${search}`, {
    headers: { accept: eventStream, authorization: 'Bearer test' },
  });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  expect(server.calls()).toEqual([]);
});

test.each([
  ['a document that is not valid', 'subscription { nothing }', 'GRAPHQL_VALIDATION_FAILED'],
  ['a syntax error', 'subscription {', 'GRAPHQL_PARSE_FAILED'],
  [
    'two fields',
    'subscription { a: instanceQrCode(id: "a") { status } b: instanceQrCode(id: "b") { status } }',
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'a field that may be skipped',
    'subscription Q($x: Boolean = true) { instanceQrCode(id: "a") @skip(if: $x) { status } }',
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['a variable that is missing', qrCode, 'BAD_USER_INPUT'],
])('%s is an error in the stream, with status 200', async (_, query, code) => {
  const server = await startWatched();
  for (const accept of [eventStream, multipart]) {
    const stream = await server.open(query, { accept });
    const text = await stream.ended;
    expect(stream.status).toBe(200);
    const [{ errors, data }] = stream.results();
    expect(errors[0].extensions.code).toBe(code);
    expect(data).toBeUndefined();
    expect(text).toMatch(accept === multipart ? /--graphql--\r\n$/ : /event: complete\ndata:\n\n$/);
  }
  expect(server.calls()).toEqual([]);
});

test('a caller without a key is refused in the stream', async () => {
  const server = await startWatched();
  const stream = await server.open(status, { headers: { authorization: 'Basic x' } });
  await stream.ended;
  expect(stream.results()).toMatchObject([
    { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
  ]);
  expect(stream.headers.get('cache-control')).toBe('no-store, no-transform');
});

test('a stream is longer than the deadline of an operation', async () => {
  const server = await startWatched({ env: { REQUEST_TIMEOUT_MS: '100' } });
  const stream = await server.open(status);
  await server.pass(60_000, 1000);
  expect(stream.isEnded()).toBe(false);
});

test('neither the code nor the key is in the log, the metrics or a cached response', async () => {
  const server = await startWatched();
  await server.connect();
  const screen = await server.openScreen();
  await expect.poll(() => screen.results()).toHaveLength(1);
  const { image } = screen.results()[0].data.instanceQrCode;
  server.control.scan({ key: 'test', id: line });
  await server.pass(3000);
  await screen.ended;
  await expect.poll(() => server.log.join('')).toContain('"type":"subscription"');
  const metrics = await (await fetch(new URL('/metrics', server.url))).text();
  const encoded = image.replace('data:image/png;base64,', '').slice(0, 40);
  expect(server.log.join('')).not.toContain(encoded);
  expect(metrics).not.toContain(encoded);
  expect(metrics).toMatch(/enviaai_streams_open 0\n/);
  expect(metrics).toMatch(/enviaai_stream_events_total 2\n/);
  expect(metrics).toMatch(/enviaai_stream_ends_total\{reason="complete"\} 1\n/);
  expect(metrics).toMatch(/enviaai_operations_total\{operation="other",code="OK"\} 1\n/);
  expect(metrics).not.toMatch(
    /enviaai_operation_duration_seconds_count\{operation="other"\} [1-9]/,
  );
});

test('the errors of a variable in a stream have the extensions of those in JSON', async () => {
  const server = await startWatched();
  const stream = await server.open(qrCode, { variables: { id: null } });
  await stream.ended;
  const { errors } = await server.query('query ($id: ID!) { instance(id: $id) { id } }', {
    id: null,
  });
  const [{ extensions }] = stream.results()[0].errors;
  expect(extensions).toEqual(errors?.[0]?.extensions);
  expect(extensions).toEqual({ code: 'BAD_USER_INPUT', variable: 'id', argument: 'id' });
});
