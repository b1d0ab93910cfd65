import { getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { codeOf, expectSafe, post } from '#test/support/hostile/hostile.ts';

const production = { NODE_ENV: 'production', HOST: '127.0.0.1' };
const startInProduction = (env = {}) => start({ env: { ...production, ...env } });

test.each([
  ['the query of tools', getIntrospectionQuery()],
  ['one type', '{ __type(name: "Instance") { name } }'],
  ['with aliases', '{ a: __schema { b: types { c: name } } }'],
  ['in a fragment', '{ ...F } fragment F on Query { ... { __schema { types { name } } } }'],
  ['in a skipped field', '{ __schema @skip(if: true) { types { name } } }'],
])('in production, introspection is rejected: %s', async (_, query) => {
  const server = await startInProduction();
  const answer = await post(server.url, { body: { query } });
  expectSafe(answer);
  expect(codeOf(answer)).toBe('GRAPHQL_VALIDATION_FAILED');
  expect('data' in answer.body).toBe(false);
  expect(answer.text).not.toContain('InstanceConnection');
  const byGet = await fetch(`${server.url}?${new URLSearchParams({ query })}`);
  expect(await byGet.json()).toEqual(answer.body);
});

test.each([
  '{ instance { id } }',
  '{ instanc(id: "x") { id } }',
  '{ instances { totalCounts } }',
  '{ instances(fist: 1) { totalCount } }',
  '{ instances(status: CONECTED) { totalCount } }',
  '{ nodes(ids: []) { ... on Instanc { id } } }',
  'query ($a: InstanceStatu) { __typename }',
  '{ __typename @skp(if: true) }',
  'query ($a: InstanceStatusFilter) { instances(status: $a) { totalCount } }',
])('in production, no error suggests a name of the schema: %s', async (query) => {
  const server = await startInProduction();
  const answer = await post(server.url, { body: { query, variables: { a: 'CONECTED' } } });
  expectSafe(answer);
  expect(answer.body.errors).toBeDefined();
  expect(answer.text).not.toMatch(/did you mean|\bCONNECTED\b|totalCount\b|"first"/i);
});

test('in production, _service and __typename can be read', async () => {
  const server = await startInProduction();
  const { data, errors } = await server.query('{ __typename _service { sdl } }');
  expect(errors).toBeUndefined();
  expect(data).toMatchObject({ __typename: 'Query', _service: { sdl: expect.any(String) } });
});

test('in production, no path serves GraphiQL', async () => {
  const { url } = await startInProduction();
  for (const path of [
    '/graphql',
    '/',
    '/graphiql',
    '/playground',
    '/console',
    '/graphql/console',
  ]) {
    const response = await fetch(new URL(path, url), { headers: { accept: 'text/html' } });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.headers.get('content-type')).toContain('application/json');
  }
});

test('in production, introspection and GraphiQL can be turned on', async () => {
  const { url } = await startInProduction({ INTROSPECTION: 'on', GRAPHIQL: 'on' });
  const schema = await post(url, { body: { query: getIntrospectionQuery() } });
  expect(schema.body.errors).toBeUndefined();
  const page = await fetch(url, { headers: { accept: 'text/html' } });
  expect(page.headers.get('content-type')).toContain('text/html');
});

test('in production, no origin may call the server', async () => {
  const { url } = await startInProduction();
  for (const origin of [
    'https://example.com',
    'http://localhost:3000',
    'null',
    new URL(url).origin,
  ]) {
    const preflightHeaders = { origin, 'access-control-request-method': 'POST' };
    const preflight = await fetch(url, { method: 'OPTIONS', headers: preflightHeaders });
    const answer = await fetch(`${url}?query={__typename}`, { headers: { origin } });
    for (const { headers } of [preflight, answer]) expect(corsOf(headers)).toEqual([]);
  }
});

test('an origin of CORS_ORIGINS may call the server, without credentials', async () => {
  const { url } = await startInProduction({ CORS_ORIGINS: 'https://app.example.com' });
  const from = async (origin: string) =>
    corsOf((await fetch(`${url}?query={__typename}`, { headers: { origin } })).headers);
  expect(await from('https://app.example.com')).toEqual([
    'access-control-allow-origin: https://app.example.com',
    'access-control-expose-headers: x-request-id, etag',
  ]);
  for (const origin of [
    'https://app.example.com.evil.example',
    'https://evilapp.example.com',
    'http://app.example.com',
    'https://app.example.com/',
    'https://APP.example.com',
  ]) {
    expect(await from(origin)).toEqual([]);
  }
});

test.each(['development', 'production'])(
  'no response names the software, is publicly cacheable or allows MIME sniffing: %s',
  async (NODE_ENV) => {
    const { url } = await start({ env: { ...production, NODE_ENV } });
    for (const path of [
      '?query={__typename}',
      '?query={',
      '',
      '/x',
      '?query={instances{totalCount}}',
    ]) {
      const authorization = path === '' ? {} : { authorization: 'Bearer test' };
      const { headers } = await fetch(url + path, { headers: authorization });
      expect([headers.get('server'), headers.get('x-powered-by')]).toEqual([null, null]);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toMatch(/^(?:no-store|private, max-age=\d+)$/);
      expect(headers.get('vary')).toContain(path === '/x' ? 'Origin' : 'Authorization');
      expect(headers.get('set-cookie')).toBeNull();
    }
  },
);

test('GraphiQL executes only its own scripts, and cannot be framed', async () => {
  const { url } = await start();
  const page = await fetch(url, { headers: { accept: 'text/html' } });
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/script-src(?: 'sha256-[\w+/]{43}=')+;/);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  // The page does not contain the query string.
  const withScript = await fetch(`${url}?x=</script><script>alert(1)</script>`, {
    headers: { accept: 'text/html' },
  });
  expect(await withScript.text()).toBe(await page.text());
});

const corsOf = (headers: Headers): string[] =>
  [...headers]
    .filter(([name]) => name.startsWith('access-control-'))
    .map(([name, value]) => `${name}: ${value}`);
