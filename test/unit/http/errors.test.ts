import { expect, test } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

const only = (code: string) => [{ extensions: { code } }];

test('a document that is no GraphQL is GRAPHQL_PARSE_FAILED', async () => {
  const { refused } = await startHttp();
  for (const query of ['{', 'hello', '{ hello', '', '{ hello(name: "\n") }']) {
    expect((await refused(query)).errors).toMatchObject(only('GRAPHQL_PARSE_FAILED'));
  }
});

test('a document that does not fit the schema is GRAPHQL_VALIDATION_FAILED', async () => {
  const { refused } = await startHttp();
  for (const query of ['{ nothing }', '{ hello(name: 7) }', '{ must }', '{ thing }', '{ ...F }']) {
    expect((await refused(query)).errors).toMatchObject(only('GRAPHQL_VALIDATION_FAILED'));
  }
});

test('an operation that the document does not have is BAD_REQUEST', async () => {
  const { post } = await startHttp();
  for (const [query, operationName] of [
    ['query A { hello } query B { hello }', undefined],
    ['query A { hello }', 'B'],
    ['fragment F on Query { hello }', undefined],
  ]) {
    const response = await post({ query, operationName });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: only('BAD_REQUEST') });
  }
});

test.each([
  [{ id: '1', times: 'often' }, 'The variable "$times" must be of type Int.'],
  [{ id: '1', times: 1.5 }, 'The variable "$times" must be of type Int.'],
  [{ id: null }, 'The variable "$id" must be of type ID!.'],
  [{}, 'The variable "$id" must be of type ID!.'],
])('a variable that does not fit its type is BAD_USER_INPUT: %j', async (variables, message) => {
  const { refused } = await startHttp();
  const query = 'query ($times: Int, $id: ID!) { hello(times: $times) must(id: $id) }';
  const { status, errors } = await refused(query, variables);
  expect(status).toBe(400);
  expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }]);
});

test('no message repeats a long value or is long itself', async () => {
  const { refused } = await startHttp();
  const long = 'x'.repeat(3000);
  const messages = await Promise.all([
    refused('query ($times: Int) { hello(times: $times) }', { times: long }),
    refused(`query ($${long}: Int!) { hello(times: $${long}) }`),
    refused(`{ hello(times: "${long}") }`),
    refused(`{ ${long} }`),
    refused(`{ hello ] ${long} }`),
    refused(`{ hello(name: ${long}`),
  ]);
  for (const { errors = [] } of messages) {
    expect(errors.length).toBeGreaterThan(0);
    for (const { message } of errors) expect(message.length).toBeLessThan(300);
  }
  expect(messages[0]?.errors?.[0]?.message).not.toContain('xxx');
});

test('development proposes the name that was meant, production keeps its names to itself', async () => {
  const suggest = async (production: boolean) => {
    const { refused } = await startHttp({ options: { production } });
    const { errors } = await refused('query ($a: Thinge) { helo hello(nam: "x") thing { nme } }');
    return errors?.map(({ message }) => message).join();
  };
  expect(await suggest(false)).toContain('Did you mean');
  expect(await suggest(true)).not.toContain('Did you mean');
});

test('with introspection off the schema is not told, but for what the router needs', async () => {
  const { refused } = await startHttp({ options: { introspection: false } });
  for (const query of ['{ __schema { types { name } } }', '{ __type(name: "Thing") { name } }']) {
    const { errors = [], data } = await refused(query);
    expect(new Set(errors.map(({ extensions }) => extensions['code']))).toEqual(
      new Set(['GRAPHQL_VALIDATION_FAILED']),
    );
    expect(data).toBeUndefined();
  }
  const { data } = await refused('{ __typename _service { sdl } }');
  expect(data).toEqual({ __typename: 'Query', _service: { sdl: 'type Query' } });
});

test('a fault is told to the log, with the request id, and not to the client', async () => {
  const { post, logged } = await startHttp();
  const response = await post({ query: '{ fails hello }' }, { 'x-request-id': 'r1' });
  expect(response.status).toBe(200);
  const body = await response.text();
  expect(JSON.parse(body)).toMatchObject({
    data: { fails: null, hello: 'hello you' },
    errors: [{ path: ['fails'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
  });
  expect(body).not.toContain('a secret of ours');
  expect(logged).toMatchObject([
    { level: 'error', requestId: 'r1', stack: expect.stringContaining('a secret of ours') },
  ]);
});

test('a fault before the first resolver is INTERNAL_SERVER_ERROR, and is logged once', async () => {
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
