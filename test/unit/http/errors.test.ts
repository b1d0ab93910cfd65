import { expect, test } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

const only = (code: string) => [{ extensions: { code } }];

test('a document with a syntax error is GRAPHQL_PARSE_FAILED', async () => {
  const { send } = await startHttp();
  for (const query of ['{', 'hello', '{ hello', '', '{ hello(name: "\n") }']) {
    expect((await send(query)).errors).toMatchObject(only('GRAPHQL_PARSE_FAILED'));
  }
});

test('a document that is invalid for the schema is GRAPHQL_VALIDATION_FAILED', async () => {
  const { send } = await startHttp();
  for (const query of ['{ nothing }', '{ hello(name: 7) }', '{ must }', '{ thing }', '{ ...F }']) {
    expect((await send(query)).errors).toMatchObject(only('GRAPHQL_VALIDATION_FAILED'));
  }
});

test('an operation name that the document does not have is BAD_REQUEST', async () => {
  const { post, url } = await startHttp();
  for (const [query, operationName, message] of [
    [
      'query A { hello } query B { hello }',
      undefined,
      'The document has 2 operations: "operationName" must name the one to execute.',
    ],
    ['query A { hello }', 'B', 'There is no operation named "B" in this document.'],
    [
      '{ hello }',
      'x'.repeat(500),
      `There is no operation named "${'x'.repeat(64)}" in this document.`,
    ],
    ['fragment F on Query { hello }', undefined, 'The document has no operation.'],
  ] as const) {
    const response = await post({ query, operationName });
    expect(response.status).toBe(400);
    const errors = [{ message, extensions: { code: 'BAD_REQUEST' } }];
    expect(await response.json()).toEqual({ errors });
    const params = new URLSearchParams({ query, ...(operationName && { operationName }) });
    expect(await (await fetch(`${url}?${params}`)).json()).toEqual({ errors });
  }
});

test.each([
  [{ id: '1', times: 'often' }, 'The variable "$times" must be of type Int.'],
  [{ id: '1', times: 1.5 }, 'The variable "$times" must be of type Int.'],
  [{ id: null }, 'The variable "$id" must be of type ID!, and not null.'],
  [{}, 'The variable "$id" must be of type ID!, but the request has no value for it.'],
])('a variable that is not of its type is BAD_USER_INPUT: %j', async (variables, message) => {
  const { send } = await startHttp();
  const query = 'query ($times: Int, $id: ID!) { hello(times: $times) must(id: $id) }';
  const { status, errors } = await send(query, variables);
  expect(status).toBe(400);
  expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }]);
});

test.each([
  ['query ($n: Int) { hello(times: $n) }', { n: 'x' }, { variable: 'n', argument: 'times' }],
  [
    'query ($n: Int) { ...F } fragment F on Query { hello(times: $n) }',
    { n: 'x' },
    { argument: 'times' },
  ],
  ['query ($n: Boolean!) { hello @skip(if: $n) }', {}, { variable: 'n', argument: 'if' }],
])(
  'an error about a variable names it, and the argument that it is passed to: %s',
  async (query, variables, extensions) => {
    const { send } = await startHttp();
    const { errors } = await send(query, variables);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', ...extensions } }]);
  },
);

test('error messages are short and do not repeat long values', async () => {
  const { send } = await startHttp();
  const long = 'x'.repeat(3000);
  const messages = await Promise.all([
    send('query ($times: Int) { hello(times: $times) }', { times: long }),
    send(`query ($${long}: Int!) { hello(times: $${long}) }`),
    send(`{ hello(times: "${long}") }`),
    send(`{ ${long} }`),
    send(`{ hello ] ${long} }`),
    send(`{ hello(name: ${long}`),
  ]);
  for (const { errors = [] } of messages) {
    expect(errors.length).toBeGreaterThan(0);
    for (const { message } of errors) expect(message.length).toBeLessThan(300);
  }
  expect(messages[0]?.errors?.[0]?.message).not.toContain('xxx');
});

test('error messages suggest names of the schema in development, not in production', async () => {
  const suggest = async (production: boolean) => {
    const { send } = await startHttp({ options: { production } });
    const { errors } = await send('query ($a: Thinge) { helo hello(nam: "x") thing { nme } }');
    return errors?.map(({ message }) => message).join();
  };
  expect(await suggest(false)).toContain('Did you mean');
  expect(await suggest(true)).not.toContain('Did you mean');
});

test('with introspection off, the schema cannot be queried, except the SDL for routers', async () => {
  const { send } = await startHttp({ options: { introspection: false } });
  for (const query of ['{ __schema { types { name } } }', '{ __type(name: "Thing") { name } }']) {
    const { errors = [], data } = await send(query);
    expect(new Set(errors.map(({ extensions }) => extensions['code']))).toEqual(
      new Set(['GRAPHQL_VALIDATION_FAILED']),
    );
    expect(data).toBeUndefined();
  }
  const { data } = await send('{ __typename _service { sdl } }');
  expect(data).toEqual({ __typename: 'Query', _service: { sdl: 'type Query' } });
});

test('an unexpected error is logged with the request id, and hidden from the client', async () => {
  const { post, logged } = await startHttp();
  const response = await post({ query: '{ fails hello }' }, { 'x-request-id': 'r1' });
  expect(response.status).toBe(200);
  const body = await response.text();
  expect(JSON.parse(body)).toMatchObject({
    data: { fails: null, hello: 'hello you' },
    errors: [{ path: ['fails'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
  });
  expect(body).not.toContain('an internal secret');
  expect(logged).toMatchObject([
    { level: 'error', requestId: 'r1', stack: expect.stringContaining('an internal secret') },
  ]);
});

test('an error before the first resolver is INTERNAL_SERVER_ERROR, and is logged once', async () => {
  const { post, logged } = await startHttp({
    contextOf: () => {
      throw new Error('no context');
    },
  });
  const response = await post({ query: '{ hello }' });
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({ errors: only('INTERNAL_SERVER_ERROR') });
  expect(logged).toHaveLength(1);
});
