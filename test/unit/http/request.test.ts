import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

const tooLarge = {
  errors: [{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'MAX_BODY_BYTES' } }],
};
const badRequest = { errors: [{ extensions: { code: 'BAD_REQUEST' } }] };

test.each([
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain',
  'text/plain; application/json',
  'application/graphql',
  'application/graphql+json',
  'application/jsonp',
  'application/json; charset=latin1',
  'application/json, text/plain',
  '',
])(
  'a POST that is not JSON is rejected, because browsers send it without a preflight: %j',
  async (type) => {
    const { post } = await startHttp();
    const response = await post('{"query":"mutation { write }"}', { 'content-type': type });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject(badRequest);
  },
);

test.each(['gzip', 'br', 'zstd', 'x-own'])(
  'a compressed body is rejected with 415, and not read as JSON: %s',
  async (encoding) => {
    const { post } = await startHttp();
    const response = await post({ query: '{ hello }' }, { 'content-encoding': encoding });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject(badRequest);
  },
);

test('the content coding identity is none', async () => {
  const { post } = await startHttp();
  const response = await post({ query: '{ hello }' }, { 'content-encoding': 'identity' });
  expect(response.status).toBe(200);
});

test.each(['application/json', 'Application/JSON', 'application/json;charset="UTF-8"'])(
  'the content type of JSON is accepted in every notation: %s',
  async (type) => {
    const { post } = await startHttp();
    const response = await post({ query: '{ hello }' }, { 'content-type': type });
    expect(await response.json()).toEqual({ data: { hello: 'hello you' } });
  },
);

test.each([
  ['', 'nothing'],
  ['{', 'half an object'],
  ['null', 'null'],
  ['"{ hello }"', 'a string'],
  ['[{"query":"{ hello }"}]', 'a batch'],
  ['{}', 'no query'],
  ['{"query":7}', 'a query that is not a string'],
  ['{"query":"{ hello }","variables":[]}', 'variables as a list'],
  ['{"query":"{ hello }","variables":"{}"}', 'variables as a string'],
  ['{"query":"{ hello }","operationName":7}', 'a name that is not a string'],
  ['{"query":"{ hello }","extensions":1}', 'extensions that are not an object'],
])('a body that is not one operation is rejected with 400: %s', async (body) => {
  const { post } = await startHttp();
  const response = await post(body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject(badRequest);
});

test.each([
  '{"query":"{ hello }","id":"Hello","cacheID":"x"}',
  '{"query":"{ hello }","documentId":null}',
  '{"query":"{ hello }","operationName":""}',
  '{"query":"{ hello }","operationName":null,"variables":null,"extensions":null}',
])(
  'properties that GraphQL over HTTP does not name, and empty ones, are ignored: %s',
  async (body) => {
    const { post } = await startHttp();
    const response = await post(body);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ data: { hello: 'hello you' } });
  },
);

test('a body at the limit is accepted, and one byte more is rejected', async () => {
  const { post } = await startHttp();
  const query = '{ hello }';
  const body = JSON.stringify({ query }).padEnd(10_000);
  expect((await post(body)).status).toBe(200);
  const response = await post(`${body} `);
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject(tooLarge);
});

test('a body without an end is rejected when it exceeds the limit', async () => {
  const { port } = await startHttp();
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    path: '/graphql',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  const answered = once(request, 'response');
  request.on('error', () => {});
  request.write(' '.repeat(10_001));

  const [response] = await answered;

  expect(response.statusCode).toBe(413);
  expect(await json(response)).toMatchObject(tooLarge);
  request.destroy();
});

test('a client that sends Expect: 100-continue gets the 100, or the error', async () => {
  const { port } = await startHttp();
  const ask = (length: number) =>
    httpRequest({
      host: '127.0.0.1',
      port,
      path: '/graphql',
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': length,
        expect: '100-continue',
      },
    });
  const body = '{"query":"{ hello }"}';
  const small = ask(body.length);
  small.flushHeaders();
  await once(small, 'continue');
  small.end(body);
  const [accepted] = await once(small, 'response');
  expect(accepted.statusCode).toBe(200);

  const large = ask(20_000);
  large.on('error', () => {}).flushHeaders();
  const [rejected] = await once(large, 'response');
  expect(rejected.statusCode).toBe(413);
  large.destroy();
});

test('GET executes queries, with variables', async () => {
  const { url } = await startHttp();
  const query = 'query Hi($name: String) { hello(name: $name) }';
  const params = new URLSearchParams({ query, operationName: 'Hi', variables: '{"name":"Ana"}' });
  const response = await fetch(`${url}?${params}`);
  expect(await response.json()).toEqual({ data: { hello: 'hello Ana' } });
});

test('GET does not execute mutations', async () => {
  const { url } = await startHttp();
  const response = await fetch(`${url}?query=mutation{write}`);
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  expect(await response.json()).toEqual({
    errors: [
      {
        message: 'A GET executes queries only. Send a mutation by POST.',
        extensions: { code: 'BAD_REQUEST' },
      },
    ],
  });
});

test.each(['variables={', 'variables=[]', 'extensions=1'])(
  'GET rejects parameters that are not a JSON object: %s',
  async (parameter) => {
    const { url } = await startHttp();
    const response = await fetch(`${url}?query={hello}&${parameter}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject(badRequest);
  },
);

test('a client that does not accept JSON gets 406, and nothing is executed', async () => {
  const { post, finished } = await startHttp();
  const response = await post({ query: '{ hello }' }, { accept: 'image/png' });
  expect(response.status).toBe(406);
  expect(await response.json()).toMatchObject(badRequest);
  expect(finished).toEqual([]);
});

test('a response has Vary, and no-store by default', async () => {
  const { post } = await startHttp();
  const { headers } = await post({ query: '{ hello }' });
  expect(headers.get('vary')).toBe('Accept, Accept-Encoding, Authorization, Origin');
  expect(headers.get('cache-control')).toBe('no-store');
});

test('a response gets the configured Cache-Control, and with errors no-store', async () => {
  const { post } = await startHttp({ cacheControlOf: () => 'private, max-age=2' });
  const cacheControl = async (query: string) =>
    (await post({ query })).headers.get('cache-control');
  expect(await cacheControl('{ hello }')).toBe('private, max-age=2');
  expect(await cacheControl('{ hello fails }')).toBe('no-store');
  expect(await cacheControl('{ nothing }')).toBe('no-store');
});

test('Cache-Control: no-cache of the client is recognized', async () => {
  const { post } = await startHttp();
  const noCache = async (value: string) => {
    const response = await post({ query: '{ noCache }' }, { 'cache-control': value });
    return ((await response.json()) as { data: { noCache: boolean } }).data.noCache;
  };
  expect(await noCache('max-age=0, No-Cache')).toBe(true);
  expect(await noCache('no-cached')).toBe(false);
});
