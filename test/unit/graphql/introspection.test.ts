import { buildClientSchema, getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';

const noKey = { authorization: '' };

test('introspection needs no key and causes no call', async () => {
  const server = await start();
  const answer = await server.query(getIntrospectionQuery(), {}, noKey);
  expect(answer.errors).toBeUndefined();
  expect(buildClientSchema(answer.data).getQueryType()?.name).toBe('Query');
  expect(server.sandbox.control.calls({}).calls).toEqual([]);
});

test('__typename needs no key', async () => {
  const server = await start();
  expect((await server.query('{ __typename }', {}, noKey)).text).toBe(
    '{"data":{"__typename":"Query"}}',
  );
});
