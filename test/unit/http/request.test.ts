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
])('an operation is taken as JSON only, for browsers send the rest unasked: %j', async (type) => {
  const { post } = await startHttp();
  const response = await post('{"query":"mutation { write }"}', { 'content-type': type });
  expect(response.status).toBe(415);
  expect(await response.json()).toMatchObject(badRequest);
});

test.each(['application/json', 'Application/JSON', 'application/json;charset="UTF-8"'])(
  'JSON is JSON however its type is spelt: %s',
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
  ['{"query":7}', 'a query that is no string'],
  ['{"query":"{ hello }","variables":[]}', 'variables in a list'],
  ['{"query":"{ hello }","variables":"{}"}', 'variables in a string'],
  ['{"query":"{ hello }","operationName":7}', 'a name that is no string'],
  ['{"query":"{ hello }","extensions":1}', 'extensions that are no object'],
  ['{"query":"{ hello }","variabels":{}}', 'a misspelt parameter'],
])('a body that is not one operation is refused with 400: %s', async (body) => {
  const { post } = await startHttp();
  const response = await post(body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject(badRequest);
});

test('a body at the limit is served', async () => {
  const { post } = await startHttp();
  const query = '{ hello }';
  const body = JSON.stringify({ query }).padEnd(10_000);
  expect((await post(body)).status).toBe(200);
  const response = await post(`${body} `);
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject(tooLarge);
});

test('a body that never ends is refused when it passes the limit', async () => {
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

test('a client that asks before it sends a body is told to go on, or why not', async () => {
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
  const fits = ask(body.length);
  fits.flushHeaders();
  await once(fits, 'continue');
  fits.end(body);
  const [fitting] = await once(fits, 'response');
  expect(fitting.statusCode).toBe(200);

  const large = ask(20_000);
  large.on('error', () => {}).flushHeaders();
  const [refused] = await once(large, 'response');
  expect(refused.statusCode).toBe(413);
  large.destroy();
});

test('GET runs queries, with variables', async () => {
  const { url } = await startHttp();
  const query = 'query Hi($name: String) { hello(name: $name) }';
  const params = new URLSearchParams({ query, operationName: 'Hi', variables: '{"name":"Ana"}' });
  const response = await fetch(`${url}?${params}`);
  expect(await response.json()).toEqual({ data: { hello: 'hello Ana' } });
});

test('GET does not run mutations', async () => {
  const { url } = await startHttp();
  const response = await fetch(`${url}?query=mutation{write}`);
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  expect(await response.json()).toMatchObject(badRequest);
});

test.each(['variables={', 'variables=[]', 'extensions=1'])(
  'GET refuses parameters that are no JSON object: %s',
  async (parameter) => {
    const { url } = await startHttp();
    const response = await fetch(`${url}?query={hello}&${parameter}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject(badRequest);
  },
);

test('a client that can read no JSON is told before anything is run', async () => {
  const { post, finished } = await startHttp();
  const response = await post({ query: '{ hello }' }, { accept: 'image/png' });
  expect(response.status).toBe(406);
  expect(await response.json()).toMatchObject(badRequest);
  expect(finished).toEqual([]);
});

test('caches are told what an answer depends on, and keep none by themselves', async () => {
  const { post } = await startHttp();
  const { headers } = await post({ query: '{ hello }' });
  expect(headers.get('vary')).toBe('Accept, Authorization, Origin');
  expect(headers.get('cache-control')).toBe('no-store');
});

test('an answer may be kept as long as it is said, one with errors never', async () => {
  const { post } = await startHttp({ cacheControlOf: () => 'private, max-age=2' });
  const cacheControl = async (query: string) =>
    (await post({ query })).headers.get('cache-control');
  expect(await cacheControl('{ hello }')).toBe('private, max-age=2');
  expect(await cacheControl('{ hello fails }')).toBe('no-store');
  expect(await cacheControl('{ nothing }')).toBe('no-store');
});

test('a client can ask for nothing from memory', async () => {
  const { post } = await startHttp();
  const noCache = async (value: string) => {
    const response = await post({ query: '{ noCache }' }, { 'cache-control': value });
    return ((await response.json()) as { data: { noCache: boolean } }).data.noCache;
  };
  expect(await noCache('max-age=0, No-Cache')).toBe(true);
  expect(await noCache('no-cached')).toBe(false);
});
