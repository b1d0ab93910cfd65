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
  expect(errors).toMatchObject(notTrusted);
});

// Pairs of documents that differ in a guess at the schema: with mode only, the responses must not
// tell which guess is right.
const guesses: [string, (name: string) => object, right: string, wrong: string][] = [
  ['a field', (name) => ({ query: `{ ${name} { totalCount } }` }), 'instances', 'instancez'],
  [
    'a field beside __typename',
    (name) => ({ query: `{ __typename rateLimit { ${name} } }` }),
    'limit',
    'limits',
  ],
  [
    'a root field beside __typename',
    (name) => ({ query: `{ __typename ${name} }` }),
    'node',
    'nod',
  ],
  [
    'a field in another operation',
    (name) => ({
      query: `query A { __typename } query B { instances { ${name} } }`,
      operationName: 'A',
    }),
    'totalCount',
    'total',
  ],
  [
    'a field in a fragment that is not spread',
    (name) => ({ query: `{ __typename } fragment F on Instance { ${name} }` }),
    'phone',
    'phones',
  ],
  [
    'a field in a fragment of another operation',
    (name) => ({
      query: `query A { __typename } query B { ...F } fragment F on Query { instance(id: 1) { ${name} } }`,
      operationName: 'A',
    }),
    'phone',
    'phones',
  ],
  ['a type', (name) => ({ query: `{ ... on ${name} { __typename } }` }), 'Instance', 'Instanc'],
  [
    'the type of a fragment',
    (name) => ({ query: `{ __typename ...F } fragment F on ${name} { __typename }` }),
    'Instance',
    'Instanc',
  ],
  [
    'the type of a variable',
    (name) => ({ query: `query ($x: ${name}) { __typename }` }),
    'InstanceStatusFilter',
    'InstanceStatusFilters',
  ],
  [
    'the type of a variable that is used',
    (name) => ({ query: `query ($x: ${name}) { __typename @skip(if: $x) }` }),
    'InstanceStatusFilter',
    'InstanceStatusFilters',
  ],
  [
    'a value of an enum',
    (name) => ({ query: `query ($x: InstanceStatusFilter = ${name}) { __typename }` }),
    'CONNECTED',
    'CONECTED',
  ],
  [
    'an argument',
    (name) => ({ query: `{ __typename instances(${name}: 1) { totalCount } }` }),
    'first',
    'frist',
  ],
  [
    'the value of a variable',
    (name) => ({
      query: 'query ($x: InstanceStatusFilter) { instances(status: $x) { totalCount } }',
      variables: { x: name },
    }),
    'CONNECTED',
    'CONECTED',
  ],
  [
    'an operation type',
    (name) => ({ query: `${name} { __typename }` }),
    'mutation',
    'subscription',
  ],
  ['an operation', (name) => ({ query: '{ __typename }', operationName: name }), 'A', 'B'],
  [
    'a type by its name',
    (name) => ({ query: `{ __type(name: "${name}") { name } }` }),
    'Instance',
    'X',
  ],
  [
    'a field of _service',
    (name) => ({ query: `{ _service { ${name} } instances { totalCount } }` }),
    'sdl',
    'sld',
  ],
  [
    'the text of a hash',
    (name) => ({ query: `{ ${name} { totalCount } }`, documentId: 'unknown' }),
    'instances',
    'instancez',
  ],
];

test.each(guesses)('with mode only, no response tells about %s', async (_, paramsOf, ...names) => {
  const server = await startTrusting('only', { INTROSPECTION: 'off' });
  for (const method of ['POST', 'GET'] as const) {
    const [right, wrong] = await Promise.all(
      names.map(async (name) => server.ask(method, paramsOf(name))),
    );
    expect(right).toMatchObject({ status: 400, errors: notTrusted });
    expect(wrong?.text).toBe(right?.text);
  }
  expect(server.calls()).toEqual([]);
});

test('with mode only, a syntax error tells nothing about the schema', async () => {
  const server = await startTrusting('only', { INTROSPECTION: 'off' });
  const { errors } = await server.query('{ instances { totalCoun');
  expect(errors).toMatchObject([
    {
      message: 'Syntax Error: Expected Name, found <EOF>.',
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    },
  ]);
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
  expect(byHash.headers.get('vary')).toBe('Accept, Accept-Encoding, Authorization, Origin');
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
