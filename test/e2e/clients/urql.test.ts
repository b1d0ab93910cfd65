import { Client, fetchExchange } from '@urql/core';
import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { callsFor250, idsOfAccount } from '#test/support/clients/account.ts';
import {
  InstanceListDocument,
  type InstanceListQueryVariables,
} from '#test/support/clients/documents.ts';

function clientOf(url: string, key = 'test') {
  const fetchOptions = { headers: { authorization: `Bearer ${key}` } };
  // urql sends a query that fits into a URL as GET by default.
  const client = new Client({ url, fetchOptions, exchanges: [fetchExchange] });
  return async (variables: InstanceListQueryVariables) => {
    const { data, error } = await client.query(InstanceListDocument, variables);
    return { error, list: data?.instances };
  };
}

test('urql walks through 250 rows, each once, for 3 calls', async () => {
  const server = await start({ instances: 250, clock: createTestClock() });
  const page = clientOf(server.url);
  const ids: (string | undefined)[] = [];
  const lengths: (number | undefined)[] = [];

  let after: string | null | undefined;
  do {
    const { list } = await page({ first: 60, after });
    ids.push(...(list?.edges.map(({ node }) => node?.id) ?? []));
    lengths.push(list?.edges.length);
    after = list?.pageInfo.hasNextPage ? list.pageInfo.endCursor : undefined;
  } while (after);

  expect(server.calls()).toEqual(callsFor250);
  expect(lengths).toEqual([60, 60, 60, 60, 10]);
  expect(ids).toEqual(await idsOfAccount(server));
});

test('urql receives the error code of a rejected key', async () => {
  const server = await start();
  const { error } = await clientOf(server.url, 'invalid')({});
  expect(error?.graphQLErrors[0]?.extensions['code']).toBe('UNAUTHENTICATED');
});
