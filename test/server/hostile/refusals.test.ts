import { maxHeaderSize } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { sendRaw, socketTo } from '#test/support/hostile/hostile.ts';
import { startHttp } from '#test/support/http/start-http.ts';
import { start } from '#test/support/start.ts';

const origin = 'http://localhost:5173';
const page = `origin: ${origin}\r\nx-request-id: from-the-client\r\n`;
const graphqlJson = 'application/graphql-response+json';
const accept = `accept: ${graphqlJson}\r\n`;
const head = `host: localhost\r\nconnection: close\r\n${page}${accept}`;
const json = 'content-type: application/json\r\n';
const body = '{"query":"{ instances { totalCount } }"}';
const post = (headers: string, rest = body) =>
  `POST /graphql HTTP/1.1\r\n${head}${headers}\r\n${rest}`;
const get = (target: string, headers = head) => `GET ${target} HTTP/1.1\r\n${headers}\r\n`;
const length = `content-length: ${body.length}\r\n`;
const long = 'x'.repeat(maxHeaderSize);

/** The last response in these bytes. */
function responseIn(text: string) {
  const [top = '', rest = ''] = text.slice(text.lastIndexOf('HTTP/1.1 ')).split('\r\n\r\n');
  const [, ...lines] = top.split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const [name = '', value = ''] = line.split(': ');
      return [name, value];
    }),
  );
  return { headers, rest };
}

/** Asserts what every refusal has. */
function expectRefusal(text: string, type: string) {
  const { headers, rest } = responseIn(text);
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': `${type}; charset=utf-8`,
    'content-length': String(Buffer.byteLength(rest)),
    'cache-control': 'no-store',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': expect.stringContaining('x-request-id'),
    'x-request-id': 'from-the-client',
    'x-content-type-options': 'nosniff',
    vary: expect.stringMatching(/Accept.*Origin/),
  });
  const { errors, ...others } = JSON.parse(rest);
  expect(others).toEqual({});
  expect(errors).toEqual([
    { message: expect.stringMatching(/\.$/), extensions: { code: expect.any(String) } },
  ]);
}

test.each([
  ['an unknown path', get('/nowhere'), 404],
  ['a method of /graphql', `DELETE /graphql HTTP/1.1\r\n${head}\r\n`, 405],
  ['a method of /healthz', `DELETE /healthz HTTP/1.1\r\n${head}\r\n`, 405],
  ['CONNECT', `CONNECT localhost:80 HTTP/1.1\r\n${head}\r\n`, 405],
  ['no operation', get('/graphql'), 400],
  ['a body that is not JSON', post(json + length, 'x'.repeat(body.length)), 400],
  ['a content type', post(`content-type: text/plain\r\n${length}`), 415],
  ['an expectation', post(`${json}${length}expect: something\r\n`), 417],
  ['no Host', `GET /graphql HTTP/1.1\r\nconnection: close\r\n${page}${accept}\r\n`, 400],
  ['two Hosts', get('/graphql', `host: localhost\r\n${head}`), 400],
  ['large headers', get('/graphql', `${head}x-a: ${long}\r\n`), 431],
  ['a long URL, before the headers', get(`/graphql?query=${long}`), 431],
  ['a header that is not valid', get('/graphql', `${head}x y: z\r\n`), 400],
  ['a body in chunks that are not valid', post(`${json}transfer-encoding: chunked\r\n`, 'zz'), 400],
])(
  'a page reads every refusal as a GraphQL error, with its request id: %s',
  async (_, bytes, status) => {
    const server = await start();
    const { statuses, text } = await sendRaw(server.url, `${bytes}\r\n`);
    expect(statuses).toEqual([status]);
    expectRefusal(text, graphqlJson);
    expect(server.calls('sandbox')).toEqual([]);
  },
);

test('a large body, and a page of another site, get the same form', async () => {
  const limited = await start({ env: { MAX_BODY_BYTES: '10' } });
  const large = await sendRaw(limited.url, post(`${json}${length}`));
  expect(large.statuses).toEqual([413]);
  expect(JSON.parse(responseIn(large.text).rest).errors[0].extensions.limit).toBe('MAX_BODY_BYTES');
  expect(responseIn(large.text).headers.get('content-type')).toContain(graphqlJson);

  const open = await start({
    env: { AUTH: 'none', ENVIAAI_API_KEY: 'key', CORS_ORIGINS: 'https://a.example' },
  });
  const foreign = await sendRaw(open.url, post(`${json}${length}`));
  expect(foreign.statuses).toEqual([403]);
  const { headers } = responseIn(foreign.text);
  expect(headers.get('content-type')).toContain(graphqlJson);
  expect(headers.get('access-control-allow-origin')).toBeNull();
  expect(open.calls('key')).toEqual([]);
});

test('an Accept that allows no JSON is refused without a call, and not stored', async () => {
  const server = await start();
  const image = head.replace(graphqlJson, 'image/png');
  const query = encodeURIComponent('{ instances { totalCount } }');
  for (const bytes of [
    get(`/graphql?query=${query}`, image),
    `POST /graphql HTTP/1.1\r\n${image}${json}${length}\r\n${body}`,
  ]) {
    const { statuses, text } = await sendRaw(server.url, bytes);
    expect(statuses).toEqual([406]);
    expectRefusal(text, 'application/json');
  }
  expect(server.calls('sandbox')).toEqual([]);
});

const timeouts = {
  headersMs: 50,
  requestMs: 100,
  silenceMs: 600_000,
  idleMs: 600_000,
  checkIntervalMs: 10,
};

test.each([
  ['headers', `POST /graphql HTTP/1.1\r\n${head}`, 'application/json'],
  ['a body', post(`${json}content-length: 1000\r\n`, '{"query":'), graphqlJson],
])('a request whose %s does not arrive in time gets 408', async (part, bytes, type) => {
  const { url, finished } = await startHttp({ timeouts });
  const socket = socketTo(url);
  socket.write(bytes);
  const text = String(await buffer(socket));
  expect(text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  if (part === 'a body') expectRefusal(text, type);
  // Nothing is known of the request, not even its id.
  else {
    const { headers, rest } = responseIn(text);
    expect(headers.get('content-type')).toBe(`${type}; charset=utf-8`);
    expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
    expect(JSON.parse(rest).errors[0].message).toBe('The request did not arrive in time.');
  }
  expect(finished).toEqual([]);
});

test('a header in the body of an unreadable request is not taken for its header', async () => {
  const { url } = await startHttp();
  const { statuses, text } = await sendRaw(
    url,
    `GET /graphql HTTP/9.9\r\nhost: localhost\r\n\r\norigin: ${origin}\r\n`,
  );
  expect(statuses).toEqual([400]);
  expect(responseIn(text).headers.get('access-control-allow-origin')).toBeNull();
});

test('of two Origin headers in an unreadable request, none is believed', async () => {
  const { url } = await startHttp();
  const { text } = await sendRaw(
    url,
    `GET /graphql HTTP/9.9\r\norigin: https://a.example\r\norigin: ${origin}\r\n\r\n`,
  );
  expect(responseIn(text).headers.get('access-control-allow-origin')).toBeNull();
});
