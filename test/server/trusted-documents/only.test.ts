import { expect, test } from 'vitest';
import {
  createFolder,
  hashOf,
  manifestOf,
  startTrusting,
} from '#test/support/trusted-documents/manifests.ts';

const notTrusted = [{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }];

test.each<[string, object]>([
  ['a query', { query: 'query Mine { instances { totalCount } }' }],
  ['a query that also reads the schema', { query: '{ __typename rateLimit { limit } }' }],
  ['a query with an unknown field', { query: '{ instancez { id } }' }],
  [
    'a document without a selected operation',
    { query: 'query A { __typename } query B { __typename }' },
  ],
  [
    'a query with its hash',
    { query: '{ rateLimit { limit } }', documentId: hashOf('{ rateLimit { limit } }') },
  ],
])('with mode only, %s is rejected, by POST and GET', async (_, params) => {
  const server = await startTrusting('only');
  for (const method of ['POST', 'GET'] as const) {
    const { status, data, errors, text } = await server.ask(method, params);
    expect({ status, data }).toEqual({ status: 400, data: undefined });
    expect(errors).toMatchObject(notTrusted);
    expect(text).not.toContain('instance');
  }
  expect(server.calls()).toEqual([]);
});

test('an untrusted document is rejected each time', async () => {
  const server = await startTrusting('only');
  for (const _ of [1, 2, 3]) {
    const { errors } = await server.query('{ instances { totalCount } }');
    expect(errors).toMatchObject(notTrusted);
  }
});

test('with mode only, the schema and __typename can still be queried', async () => {
  const server = await startTrusting('only');
  const withoutKey = { authorization: '' };
  const { data } = await server.query('query Sdl { service: _service { sdl } }', {}, withoutKey);
  expect(data.service.sdl).toContain('type Instance');
  expect((await server.query('{ __typename }', {}, withoutKey)).data).toEqual({
    __typename: 'Query',
  });
  const closed = await startTrusting('only', { INTROSPECTION: 'off' });
  const { errors } = await closed.query('{ __schema { queryType { name } } }', {}, withoutKey);
  expect(errors?.[0]?.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
});

test('operations by hash and rejected documents are logged by name, without their text', async () => {
  const text = 'query Screen { instances { totalCount } }';
  const path = await createFolder({ 'web.json': manifestOf(text) });
  const server = await startTrusting('only', { path });
  await server.ask('POST', { documentId: hashOf(text) });
  await server.query('query Untrusted { instances { totalCount } }');
  const line = (name: string) =>
    JSON.parse(server.log.find((logged) => logged.includes(`"${name}"`)) ?? '{}');
  expect(line('Screen')).toMatchObject({ operation: 'Screen', calls: 1, code: null, status: 200 });
  expect(line('Untrusted')).toMatchObject({
    calls: null,
    code: 'DOCUMENT_NOT_TRUSTED',
    status: 400,
  });
  expect(server.log.join('')).not.toContain('totalCount');
});

test('a response by hash has the same Cache-Control as one by text', async () => {
  const text = '{ instances { totalCount } }';
  const path = await createFolder({ 'web.json': manifestOf(text) });
  const server = await startTrusting('on', { path });
  const byHash = await server.ask('GET', { documentId: hashOf(text) });
  expect(byHash.headers.get('cache-control')).toMatch(/^private, max-age=\d$/);
  expect(byHash.headers.get('vary')).toBe('Accept, Authorization, Origin');
  const unknown = await server.ask('GET', { documentId: 'unknown' });
  expect(unknown.headers.get('cache-control')).toBe('no-store');
});

test('a browser that sends a hash gets the response, and otherwise GraphiQL', async () => {
  const text = '{ instances { totalCount } }';
  const path = await createFolder({ 'web.json': manifestOf(text) });
  const { url } = await startTrusting('only', { path });
  const headers = { accept: 'text/html,*/*;q=0.8', authorization: 'Bearer test' };
  const named = await fetch(`${url}?documentId=${hashOf(text)}`, { headers });
  expect(await named.json()).toMatchObject({ data: { instances: { totalCount: 3 } } });
  expect((await fetch(url, { headers })).headers.get('content-type')).toMatch(/^text\/html/);
});
