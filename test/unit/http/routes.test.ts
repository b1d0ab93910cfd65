import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { HttpOptions } from '#src/http/server.ts';
import { startHttp } from '#test/support/http/start-http.ts';

/** Requests this path unchanged; fetch would normalize it. */
async function raw(port: number, path: string, method = 'GET') {
  const [response] = await once(
    httpRequest({ host: '127.0.0.1', port, path, method }).end(),
    'response',
  );
  const { statusCode: status, headers } = response;
  return { status, allow: headers.allow, body: await text(response) };
}

test.each([
  '//graphql',
  '/graphql/',
  '/GRAPHQL',
  '/%67raphql',
  '/x/../graphql',
  '/graphql;x',
  '/healthz/',
  '/health',
  '/constructor',
])('paths are not normalized: %s is not found', async (path) => {
  const { port } = await startHttp();
  const { status, body } = await raw(port, `${path}?query={hello}`);
  expect(status).toBe(404);
  expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
});

test('in development, a 404 response names the path of the endpoint', async () => {
  const message = async (options: Partial<HttpOptions>) => {
    const { port } = await startHttp({ options });
    const { body } = await raw(port, '/graphql/', 'POST');
    return JSON.parse(body).errors[0].message;
  };
  expect(await message({})).toBe('This path does not exist. The GraphQL endpoint is /graphql.');
  expect(await message({ production: true })).toBe('This path does not exist.');
});

test.each([
  ['/graphql', 'PUT', 'GET, HEAD, POST, OPTIONS'],
  ['/graphql', 'DELETE', 'GET, HEAD, POST, OPTIONS'],
  ['/healthz', 'POST', 'GET, HEAD'],
  ['/readyz', 'PATCH', 'GET, HEAD'],
  ['/', 'POST', 'GET, HEAD'],
])('%s does not allow %s, and lists the allowed methods', async (path, method, allow) => {
  const { port } = await startHttp();
  expect(await raw(port, path, method)).toMatchObject({ status: 405, allow });
});

test.each(['/graphql?query={hello}', '/healthz', '/readyz', '/metrics', '/'])(
  'HEAD %s has the status and the headers of GET, and no body',
  async (path) => {
    const { origin } = await startHttp();
    const ask = async (method: string) => {
      const response = await fetch(`${origin}${path}`, { method, redirect: 'manual' });
      const { status, headers } = response;
      const type = headers.get('content-type');
      return { status, type, body: await response.text() };
    };
    const get = await ask('GET');
    expect(await ask('HEAD')).toEqual({ ...get, body: '' });
  },
);

test.each(['/api/graphql?query={hello}', '/api/healthz', '/api/', '/graphql?query={hello}'])(
  'with a path prefix, %s is found, as without it',
  async (path) => {
    const { port } = await startHttp({ options: { pathPrefix: '/api' } });
    expect((await raw(port, path)).status).toBeLessThan(400);
  },
);

test.each(['/api', '/api/api/graphql', '/apis/graphql', '/API/graphql', '//api/graphql'])(
  'with a path prefix, %s is not found',
  async (path) => {
    const { port } = await startHttp({ options: { pathPrefix: '/api' } });
    expect((await raw(port, path)).status).toBe(404);
  },
);

test('/ redirects to the endpoint in development, and does not exist in production', async () => {
  const development = await startHttp();
  const response = await fetch(development.origin, { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([302, 'graphql']);

  const production = await startHttp({ options: { production: true } });
  expect((await fetch(production.origin, { redirect: 'manual' })).status).toBe(404);
});

test('the request id of the client is passed to the resolvers and to the response', async () => {
  const { post } = await startHttp();
  const longest = '~'.repeat(128);
  const response = await post({ query: '{ requestId }' }, { 'x-request-id': longest });
  expect(response.headers.get('x-request-id')).toBe(longest);
  expect(await response.json()).toEqual({ data: { requestId: longest } });
});

test.each(['x'.repeat(129), 'two words', 'caf\u00e9'])(
  'a request id that is not valid is replaced: %j',
  async (id) => {
    const { post } = await startHttp();
    const response = await post({ query: '{ hello }' }, { 'x-request-id': id });
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  },
);

test('every response has a request id, also errors, and none names the server software', async () => {
  const { origin, port } = await startHttp();
  for (const path of ['/', '/nowhere', '/healthz', '/graphql']) {
    const { headers } = await fetch(origin + path, { redirect: 'manual' });
    expect(headers.get('x-request-id')).toBeTruthy();
    expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull();
  }
  const socket = connect({ host: '127.0.0.1', port }, () => socket.write('not http\r\n\r\n'));
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
  expect(answer).toMatch(/x-request-id: \S+/);
});

test('responses without a body have no length', async () => {
  const { url } = await startHttp();
  const preflight = await fetch(url, {
    method: 'OPTIONS',
    headers: { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('content-length')).toBeNull();
});
