import { expect, test } from 'vitest';
import { parseConfig } from '#src/config/config.ts';
import { startHttp } from '#test/support/http/start-http.ts';

const allowedOrigin = (response: Response) => response.headers.get('access-control-allow-origin');

test.each([
  'http://localhost',
  'http://localhost:5173',
  'https://localhost:3000',
  'http://127.0.0.1:8080',
  'http://[::1]:3000',
  'http://app.localhost:3000',
])('in development, pages of this machine may call the server: %s', async (origin) => {
  const { post } = await startHttp();
  const response = await post({ query: '{ hello }' }, { origin });
  expect(allowedOrigin(response)).toBe(origin);
  expect(response.headers.get('access-control-expose-headers')).toBe('x-request-id, etag');
  expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  expect(response.headers.get('vary')).toContain('Origin');
});

test.each([
  'https://example.com',
  'http://localhost.example.com',
  'http://notlocalhost',
  'http://localhost:3000/path',
  'http://user@localhost',
  'null',
  'file://',
])('in development, no other page may call the server: %s', async (origin) => {
  const { post } = await startHttp();
  expect(allowedOrigin(await post({ query: '{ hello }' }, { origin }))).toBeNull();
});

test('with a list of origins, only pages of these origins may call the server', async () => {
  const cors = { kind: 'origins', origins: ['https://app.example.com'] } as const;
  const { post } = await startHttp({ options: { cors } });
  const from = async (origin: string) =>
    allowedOrigin(await post({ query: '{ hello }' }, { origin }));
  expect(await from('https://app.example.com')).toBe('https://app.example.com');
  expect(await from('https://app.example.com:8443')).toBeNull();
  expect(await from('http://localhost:3000')).toBeNull();
});

test.each([
  ['capacitor://localhost', 'capacitor://localhost', true],
  ['tauri://localhost', 'tauri://localhost', true],
  ['capacitor://localhost', 'ionic://localhost', false],
  ['capacitor://localhost', 'http://localhost', false],
  ['https://*.example.com', 'https://pr-12.example.com', true],
  ['https://*.example.com', 'https://xn--bcher-kva.example.com', true],
  ['https://*.example.com:8443', 'https://a.example.com:8443', true],
  ['https://*.example.com', 'https://example.com', false],
  ['https://*.example.com', 'https://a.b.example.com', false],
  ['https://*.example.com', 'https://.example.com', false],
  ['https://*.example.com', 'https://*.example.com', false],
  ['https://*.example.com', 'https://a.example.com:8443', false],
  ['https://*.example.com', 'http://a.example.com', false],
  ['https://*.example.com', 'https://a.example.com.evil.example', false],
  ['https://*.example.com', 'https://evil.example/.example.com', false],
  ['https://*.example.com', 'https://a@b.example.com', false],
  ['https://*.example.com', 'https://aexample.com', false],
])('CORS_ORIGINS=%s, and the origin %s: %s', async (listed, origin, isAllowed) => {
  const { cors } = parseConfig({ CORS_ORIGINS: listed });
  const { post } = await startHttp({ options: { cors } });
  // With AUTH=none, an operation of another page would be refused.
  const open = await startHttp({ options: { cors, isOpen: true } });
  const expected = isAllowed ? origin : null;
  expect(allowedOrigin(await post({ query: '{ hello }' }, { origin }))).toBe(expected);
  expect((await open.post({ query: '{ hello }' }, { origin })).status).toBe(isAllowed ? 200 : 403);
});

test('a preflight request gets the allowed methods and headers', async () => {
  const { url } = await startHttp();
  const ask = (origin: string) =>
    fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });

  const allowed = await ask('http://localhost:5173');
  expect(allowed.status).toBe(204);
  expect(allowedOrigin(allowed)).toBe('http://localhost:5173');
  expect(allowed.headers.get('access-control-allow-methods')).toBe('GET, POST');
  expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization, content-type');

  const disallowed = await ask('https://example.com');
  expect(allowedOrigin(disallowed)).toBeNull();
  expect(disallowed.headers.get('access-control-allow-headers')).toBeNull();
});

test.each([
  [
    'apollographql-client-name, traceparent , x-own',
    'apollographql-client-name, traceparent, x-own',
  ],
  ['not a name', 'content-type, authorization, x-request-id, cache-control'],
  ['', 'content-type, authorization, x-request-id, cache-control'],
])('a page of an allowed origin may send any header: %j', async (requested, expected) => {
  const { url } = await startHttp();
  const { headers } = await fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin: 'http://localhost:5173',
      'access-control-request-method': 'POST',
      'access-control-request-headers': requested,
    },
  });
  expect(headers.get('access-control-allow-headers')).toBe(expected);
});

test('a page can read an error response', async () => {
  const { post } = await startHttp();
  const response = await post('{', { origin: 'http://localhost:5173' });
  expect([response.status, allowedOrigin(response)]).toEqual([400, 'http://localhost:5173']);
});
