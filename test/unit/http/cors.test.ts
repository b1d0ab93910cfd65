import { expect, test } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

const allowedOrigin = (response: Response) => response.headers.get('access-control-allow-origin');

test.each([
  'http://localhost',
  'http://localhost:5173',
  'https://localhost:3000',
  'http://127.0.0.1:8080',
  'http://[::1]:3000',
  'http://app.localhost:3000',
])('in development any page on this machine may call: %s', async (origin) => {
  const { post } = await startHttp();
  const response = await post({ query: '{ hello }' }, { origin });
  expect(allowedOrigin(response)).toBe(origin);
  expect(response.headers.get('access-control-expose-headers')).toBe('x-request-id');
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
])('no other page may, even in development: %s', async (origin) => {
  const { post } = await startHttp();
  expect(allowedOrigin(await post({ query: '{ hello }' }, { origin }))).toBeNull();
});

test('with a list exactly its pages may call', async () => {
  const cors = { kind: 'origins', origins: ['https://app.example.com'] } as const;
  const { post } = await startHttp({ options: { cors } });
  const from = async (origin: string) =>
    allowedOrigin(await post({ query: '{ hello }' }, { origin }));
  expect(await from('https://app.example.com')).toBe('https://app.example.com');
  expect(await from('https://app.example.com:8443')).toBeNull();
  expect(await from('http://localhost:3000')).toBeNull();
});

test('a page asks first, and is told what it may send', async () => {
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
  expect(allowed.headers.get('access-control-allow-headers')).toBe(
    'content-type, authorization, x-request-id, cache-control',
  );

  const stranger = await ask('https://example.com');
  expect(allowedOrigin(stranger)).toBeNull();
  expect(stranger.headers.get('access-control-allow-headers')).toBeNull();
});

test('a page can read why its request was refused', async () => {
  const { post } = await startHttp();
  const response = await post('{', { origin: 'http://localhost:5173' });
  expect([response.status, allowedOrigin(response)]).toEqual([400, 'http://localhost:5173']);
});
