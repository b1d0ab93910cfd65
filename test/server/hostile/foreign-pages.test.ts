import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Env } from '#src/config/config.ts';
import { sendRaw } from '#test/support/hostile/hostile.ts';
import { start } from '#test/support/start.ts';

const open: Env = { AUTH: 'none', ENVIAAI_API_KEY: 'server' };
const read = '{ instances { totalCount } }';

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

/** Sends a request with exactly these headers. (`fetch` replaces Host and Sec-Fetch-Site.) */
async function send(url: string, { method = 'GET', path, headers = {} }: Sent) {
  const target = path ?? `/graphql?query=${encodeURIComponent(read)}`;
  const { port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number;
    body: string;
    headers: Record<string, unknown>;
  }>();
  const sent = request({ host: '127.0.0.1', port, path: target, method, headers }, (response) => {
    const { statusCode = 0, headers: received } = response;
    text(response).then((body) => resolve({ status: statusCode, body, headers: received }), reject);
  });
  sent.on('error', reject);
  sent.end(method === 'POST' ? JSON.stringify({ query: read }) : undefined);
  return promise;
}

const json = { 'content-type': 'application/json' };

test.each<[string, Sent]>([
  ['an image of another site', { headers: { 'sec-fetch-site': 'cross-site' } }],
  ['an image of another origin of the same site', { headers: { 'sec-fetch-site': 'same-site' } }],
  ['an unknown site', { headers: { 'sec-fetch-site': 'anything' } }],
  [
    'a script of another site',
    {
      method: 'POST',
      headers: { ...json, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    },
  ],
  ['an opaque origin', { headers: { 'sec-fetch-site': 'cross-site', origin: 'null' } }],
  [
    'an origin of an old browser',
    { method: 'POST', headers: { ...json, origin: 'https://evil.example' } },
  ],
  ['an opaque origin of an old browser', { method: 'POST', headers: { ...json, origin: 'null' } }],
  ['an image in an old browser', { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' } }],
])('with AUTH=none, a request from %s is refused without a call', async (_, sent) => {
  const server = await start({ env: open });
  const { status, body, headers } = await send(server.url, sent);
  expect(status).toBe(403);
  expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  expect(body).toContain('CORS_ORIGINS');
  expect(headers['cache-control']).toBe('no-store');
  expect(server.calls('server')).toEqual([]);
});

const link = {
  headers: {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    accept: 'text/html,*/*;q=0.8',
  },
};

test('a link of another site opens GraphiQL, which executes nothing by itself', async () => {
  const server = await start({ env: open });
  const { status, headers } = await send(server.url, link);
  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(server.calls('server')).toEqual([]);

  const closed = await start({ env: { ...open, GRAPHIQL: 'off' } });
  expect((await send(closed.url, link)).status).toBe(403);
  expect(closed.calls('server')).toEqual([]);
});

test('two Sec-Fetch-Site headers are as foreign as the worse of them', async () => {
  const server = await start({ env: open });
  const { statuses } = await sendRaw(
    server.url,
    `GET /graphql?query=${encodeURIComponent(read)} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n` +
      'sec-fetch-site: same-origin\r\nsec-fetch-site: cross-site\r\n\r\n',
  );
  expect(statuses).toEqual([403]);
});

test.each<[string, Sent]>([
  ['a program', {}],
  ['curl', { headers: { 'user-agent': 'curl/8.5.0' } }],
  ['Node', { headers: { 'user-agent': 'node', 'sec-fetch-mode': 'cors' } }],
  ['GraphiQL', { method: 'POST', headers: { ...json, 'sec-fetch-site': 'same-origin' } }],
  ['the address bar', { headers: { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' } }],
  [
    'a page of an allowed origin',
    { headers: { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' } },
  ],
  [
    'a page of an allowed origin in an old browser',
    {
      method: 'POST',
      headers: { ...json, origin: 'https://app.example', 'user-agent': 'Mozilla/5.0' },
    },
  ],
  [
    'GraphiQL in an old browser, behind a proxy with TLS',
    {
      method: 'POST',
      headers: { ...json, host: 'graph.example', origin: 'https://graph.example' },
    },
  ],
])('with AUTH=none, a request from %s is served', async (_, sent) => {
  const env = { ...open, CORS_ORIGINS: 'https://app.example', ALLOWED_HOSTS: 'graph.example' };
  const server = await start({ env });
  const { status, body } = await send(server.url, sent);
  expect([status, JSON.parse(body).data]).toEqual([200, { instances: { totalCount: 3 } }]);
});

test('GraphiQL may be opened by a link of another site', async () => {
  const server = await start({ env: open });
  const headers = { 'sec-fetch-site': 'cross-site', accept: 'text/html' };
  const { status, headers: received } = await send(server.url, { path: '/graphql', headers });
  expect([status, received['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
});

test.each<[string, Env]>([
  ['AUTH=none', open],
  ['the embedded sandbox', { ENVIAAI_BASE_URL: '' }],
])('with %s, a page whose name resolves to this address reads nothing', async (_, env) => {
  const server = await start({ env });
  const rebound = { host: 'evil.example:4000', 'sec-fetch-site': 'same-origin' };
  const browser = { ...rebound, accept: 'text/html' };
  for (const sent of [
    { headers: rebound },
    { method: 'POST', headers: { ...rebound, ...json } },
    { method: 'POST', headers: { ...rebound, ...json, authorization: 'Bearer sandbox' } },
    { path: '/graphql', headers: browser },
    { path: '/metrics', headers: rebound },
  ]) {
    const { status, body, headers } = await send(server.url, sent);
    expect(status).toBe(421);
    expect(body).toContain('ALLOWED_HOSTS');
    expect(headers['cache-control']).toBe('no-store');
  }
  expect(server.calls('server')).toEqual([]);
  const { status } = await send(server.url, {});
  expect(status).toBe(200);
});

test('where a credential is asked for, Host is not checked, but for the metrics', async () => {
  const server = await start();
  const headers = { host: 'evil.example', authorization: 'Bearer test' };
  expect((await send(server.url, { headers })).status).toBe(200);
  expect((await send(server.url, { path: '/metrics', headers })).status).toBe(421);
  // A page of another site is refused in every mode.
  const foreign = { ...headers, 'sec-fetch-site': 'cross-site' };
  expect((await send(server.url, { headers: foreign })).status).toBe(403);
});

test('probes are answered with any Host, and without one', async () => {
  const server = await start({ env: open });
  for (const path of ['/healthz', '/readyz']) {
    expect((await send(server.url, { path, headers: { host: '10.244.0.7:4000' } })).status).toBe(
      200,
    );
    const { statuses } = await sendRaw(server.url, `GET ${path} HTTP/1.0\r\n\r\n`);
    expect(statuses).toEqual([200]);
  }
  for (const path of ['/graphql?query={__typename}', '/metrics']) {
    const { statuses } = await sendRaw(server.url, `GET ${path} HTTP/1.0\r\n\r\n`);
    expect(statuses).toEqual([400]);
  }
});
