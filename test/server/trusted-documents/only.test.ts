import { expect, test } from 'vitest';
import {
  folderOf,
  hashOf,
  manifestOf,
  startTrusting,
} from '#test/support/trusted-documents/trusted.ts';

const refusal = [{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }];

test.each<[string, object]>([
  ['a query', { query: 'query Mine { instances { totalCount } }' }],
  ['one beside what anyone may ask', { query: '{ __typename rateLimit { limit } }' }],
  ['one with a field there is not', { query: '{ instancez { id } }' }],
  [
    'one that no operation is chosen of',
    { query: 'query A { __typename } query B { __typename }' },
  ],
  [
    'one with its own hash',
    { query: '{ rateLimit { limit } }', documentId: hashOf('{ rateLimit { limit } }') },
  ],
])('only what a manifest has is run: %s is refused, by POST and GET', async (_, params) => {
  const server = await startTrusting('only');
  for (const method of ['POST', 'GET'] as const) {
    const { status, data, errors, text } = await server.ask(method, params);
    expect({ status, data }).toEqual({ status: 400, data: undefined });
    expect(errors).toMatchObject(refusal);
    expect(text).not.toContain('instance');
  }
  expect(server.calls()).toEqual([]);
});

test('a refused document is refused again, however often it comes', async () => {
  const server = await startTrusting('only');
  for (const _ of [1, 2, 3]) {
    const { errors } = await server.query('{ instances { totalCount } }');
    expect(errors).toMatchObject(refusal);
  }
});

test('composition, probes and tools read the schema also where only trusted documents are run', async () => {
  const server = await startTrusting('only');
  const anybody = { authorization: '' };
  const { data } = await server.query('query Sdl { service: _service { sdl } }', {}, anybody);
  expect(data.service.sdl).toContain('type Instance');
  expect((await server.query('{ __typename }', {}, anybody)).data).toEqual({ __typename: 'Query' });
  const closed = await startTrusting('only', { INTROSPECTION: 'off' });
  const { errors } = await closed.query('{ __schema { queryType { name } } }', {}, anybody);
  expect(errors?.[0]?.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
});

test("the log tells a trusted document's name and a refused one's, and neither's text", async () => {
  const text = 'query Screen { instances { totalCount } }';
  const path = await folderOf({ 'web.json': manifestOf(text) });
  const server = await startTrusting('only', { path });
  await server.ask('POST', { documentId: hashOf(text) });
  await server.query('query Stranger { instances { totalCount } }');
  const line = (name: string) =>
    JSON.parse(server.log.find((logged) => logged.includes(`"${name}"`)) ?? '{}');
  expect(line('Screen')).toMatchObject({ operation: 'Screen', calls: 1, code: null, status: 200 });
  expect(line('Stranger')).toMatchObject({
    calls: null,
    code: 'DOCUMENT_NOT_TRUSTED',
    status: 400,
  });
  expect(server.log.join('')).not.toContain('totalCount');
});

test('an answer by hash may be kept as long as one by text, by the caller alone', async () => {
  const text = '{ instances { totalCount } }';
  const path = await folderOf({ 'web.json': manifestOf(text) });
  const server = await startTrusting('on', { path });
  const byHash = await server.ask('GET', { documentId: hashOf(text) });
  expect(byHash.headers.get('cache-control')).toMatch(/^private, max-age=\d$/);
  expect(byHash.headers.get('vary')).toBe('Accept, Authorization, Origin');
  const unknown = await server.ask('GET', { documentId: 'unknown' });
  expect(unknown.headers.get('cache-control')).toBe('no-store');
});

test('a browser that names a document gets its answer, and else GraphiQL', async () => {
  const text = '{ instances { totalCount } }';
  const path = await folderOf({ 'web.json': manifestOf(text) });
  const { url } = await startTrusting('only', { path });
  const headers = { accept: 'text/html,*/*;q=0.8', authorization: 'Bearer test' };
  const named = await fetch(`${url}?documentId=${hashOf(text)}`, { headers });
  expect(await named.json()).toMatchObject({ data: { instances: { totalCount: 3 } } });
  expect((await fetch(url, { headers })).headers.get('content-type')).toMatch(/^text\/html/);
});
