import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { expectStillServes, sendRaw } from '#test/support/hostile/hostile.ts';

const body = '{"query":"{ __typename }"}';
const head = 'host: localhost\r\nauthorization: Bearer test\r\n';
const json = 'content-type: application/json\r\n';
const end = 'connection: close\r\n\r\n';
const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const length = `content-length: ${body.length}\r\n`;
const post = (headers: string, rest: string) =>
  `POST /graphql HTTP/1.1\r\n${head}${json}${headers}connection: close\r\n\r\n${rest}`;
const get = (target: string, headers = '') => `GET ${target} HTTP/1.1\r\n${head}${headers}${end}`;
const smuggled = 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n';

test('the requests of this file are valid except for the one thing that each of them changes', async () => {
  const server = await start();
  expect((await sendRaw(server.url, post(length, body))).statuses).toEqual([200]);
  const inChunks = await sendRaw(server.url, post('transfer-encoding: chunked\r\n', chunked));
  expect(inChunks.statuses).toEqual([200]);
});

test.each([
  ['a length and chunks', post(`${length}transfer-encoding: chunked\r\n`, chunked)],
  ['chunks and a length', post(`transfer-encoding: chunked\r\n${length}`, `0\r\n\r\n${smuggled}`)],
  ['two lengths', post(`${length}content-length: 0\r\n`, body)],
  ['the same length twice', post(`${length}${length}`, body)],
  ['a list of lengths', post(`content-length: ${body.length}, 0\r\n`, body)],
  ['a length with a sign', post(`content-length: +${body.length}\r\n`, body)],
  ['a length in hexadecimal', post('content-length: 0x1a\r\n', body)],
  ['a negative length', post('content-length: -1\r\n', body)],
  ['a length beyond 64 bits', post(`content-length: ${'9'.repeat(40)}\r\n`, body)],
  ['a space before the colon', post(`content-length : ${body.length}\r\n`, body)],
  ['a folded header', post(`content-length:\r\n ${body.length}\r\n`, body)],
  ['an unknown transfer encoding', post('transfer-encoding: xchunked\r\n', chunked)],
  ['chunked, then identity', post('transfer-encoding: chunked, identity\r\n', chunked)],
  ['chunked twice', post('transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n', chunked)],
  [
    'a chunk size that is not a number',
    post('transfer-encoding: chunked\r\n', `zz\r\n${body}\r\n0\r\n\r\n`),
  ],
  ['a negative chunk size', post('transfer-encoding: chunked\r\n', `-1\r\n${body}\r\n0\r\n\r\n`)],
  ['a chunk size beyond 64 bits', post('transfer-encoding: chunked\r\n', `${'f'.repeat(17)}\r\n`)],
  [
    'a chunk that is longer than its size',
    post('transfer-encoding: chunked\r\n', `2\r\n${body}\r\n0\r\n\r\n`),
  ],
  ['line ends without CR', `GET /healthz HTTP/1.1\nhost: localhost\n\n${smuggled}`],
  ['a NUL in a header', get('/healthz', 'x-a: b\0c\r\n')],
  ['a NUL in the path', get('/healthz\0')],
  ['a space in the path', get('/healthz x')],
  ['letters that are not allowed in a URL', get('/h\u00e9althz')],
  ['a header without a name', get('/healthz', ': x\r\n')],
  ['a header name of two words', get('/healthz', 'x y: z\r\n')],
  ['a line without a colon', get('/healthz', 'nothing\r\n')],
  ['no host', 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n'],
  ['two hosts', get('/healthz', 'host: localhost\r\n')],
  ['an unknown method', `FETCH /graphql HTTP/1.1\r\n${head}${end}`],
  ['a method in small letters', `get /healthz HTTP/1.1\r\n${head}${end}`],
  ['an unknown version', `GET /healthz HTTP/9.9\r\n${head}${end}`],
  ['HTTP/2 without negotiation', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['TLS', Buffer.from('16030100c8010000c40303'.padEnd(400, '0'), 'hex')],
  ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n'],
  ['20,000 zero bytes', Buffer.alloc(20_000)],
])('a malformed or ambiguous request is rejected: %s', async (_, bytes) => {
  const server = await start();
  const { statuses, text } = await sendRaw(server.url, bytes);
  // At most one response: a request smuggled in the body is not executed.
  expect([[400], []]).toContainEqual(statuses);
  expect(text).not.toMatch(/200 OK|"data"|# HELP/);
  expect(text).not.toMatch(/^(?:server|x-powered-by):/im);
  expect(server.calls()).toEqual([]);
  await expectStillServes(server);
});

test.each([
  ['a header of 20,000 letters', get('/healthz', `x-a: ${'x'.repeat(20_000)}\r\n`), 431],
  ['3000 headers', get('/healthz', 'x-a: 1\r\n'.repeat(3000)), 431],
  ['a path of 20,000 letters', get(`/${'x'.repeat(20_000)}`), 431],
  ['the URL of another server', get('http://example.com/metrics'), 421],
  ['a URL with a user name', get('http://localhost@example.com/graphql'), 400],
  ['a URL without a host', get('http:///graphql?query={__typename}'), 400],
  ['a URL of another scheme', get('ftp://localhost/graphql?query={__typename}'), 404],
  ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n', 405],
  ['* as the path', `OPTIONS * HTTP/1.1\r\n${head}${end}`, 404],
  ['a path with ..', get('/x/../../etc/passwd'), 404],
  ['a path with encoded ..', get('/%2e%2e/%2e%2e/etc/passwd'), 404],
  ['an encoded NUL', get('/healthz%00'), 404],
  ['a path with a second host', get('//example.com/graphql?query={__typename}'), 404],
  ['TRACE', `TRACE /graphql HTTP/1.1\r\n${head}${end}`, 405],
  ['PUT', `PUT /graphql HTTP/1.1\r\n${head}${json}${length}${end}${body}`, 405],
  ['DELETE', `DELETE /graphql HTTP/1.1\r\n${head}${end}`, 405],
  ['QUERY', `QUERY /graphql HTTP/1.1\r\n${head}${json}${length}${end}${body}`, 405],
  ['a method override', post(`x-http-method-override: DELETE\r\n${length}`, body), 200],
  ['an unknown expectation', post(`expect: something\r\n${length}`, body), 417],
  ['a WebSocket', get('/graphql', 'upgrade: websocket\r\nsec-websocket-version: 13\r\n'), 400],
  ['GET with a body that is an operation', get('/graphql', `${json}${length}`) + body, 400],
])(
  'a request that this server does not serve gets an error status: %s',
  async (_, bytes, status) => {
    const server = await start();
    const { statuses, text } = await sendRaw(server.url, bytes);
    expect(statuses[0]).toBe(status);
    expect(text.length).toBeLessThan(100_000);
    expect(text).not.toMatch(/originalError|"stack"|node_modules|root:/);
    await expectStillServes(server);
  },
);

test('pipelined requests are answered in their order', async () => {
  const server = await start();
  const queries = Array.from({ length: 100 }, (_, index) => `{a${index}:__typename}`);
  const requests = queries.map((query, index) =>
    index < 99
      ? `GET /graphql?query=${query} HTTP/1.1\r\n${head}\r\n`
      : get(`/graphql?query=${query}`),
  );
  const { statuses, text } = await sendRaw(server.url, requests.join(''));
  expect(statuses).toEqual(queries.map(() => 200));
  const answered = [...text.matchAll(/"a(\d+)":"Query"/g)].map(([, index]) => Number(index));
  expect(answered).toEqual(queries.map((_, index) => index));
});
