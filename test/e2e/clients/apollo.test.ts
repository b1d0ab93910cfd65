import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { relayStylePagination } from '@apollo/client/utilities';
import { filter, firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { callsFor250, idsOfAccount } from '#test/support/clients/account.ts';
import { InstanceDocument, InstanceListDocument } from '#test/support/clients/documents.ts';

const clientOf = (uri: string, key = 'test') =>
  new ApolloClient({
    link: new HttpLink({ uri, headers: { authorization: `Bearer ${key}` } }),
    cache: new InMemoryCache({
      typePolicies: { Query: { fields: { instances: relayStylePagination(['status']) } } },
    }),
  });

/** The merged list: every page that was read so far. */
const shownBy = (client: ApolloClient) =>
  client.readQuery({ query: InstanceListDocument })?.instances;

test('Apollo Client merges 250 rows page by page, each once, for 3 calls', async () => {
  const server = await start({ instances: 250, clock: createTestClock() });
  const client = clientOf(server.url);
  const list = client.watchQuery({ query: InstanceListDocument });

  const first = await firstValueFrom(list.pipe(filter(({ loading }) => !loading)));
  let page = first.dataState === 'complete' ? first.data.instances?.pageInfo : undefined;
  const lengths: (number | undefined)[] = [];
  while (page?.hasNextPage) {
    const next = await list.fetchMore({ variables: { after: page.endCursor } });
    page = next.data?.instances?.pageInfo;
    lengths.push(shownBy(client)?.edges.length);
  }

  expect(server.calls()).toEqual(callsFor250);
  expect(lengths).toEqual([100, 150, 200, 250]);
  const shown = shownBy(client);
  expect(shown?.totalCount).toBe(250);
  expect(shown?.edges.map(({ node }) => node?.id)).toEqual(await idsOfAccount(server));
});

test('Apollo Client stores an instance of several documents once', async () => {
  const server = await start({ clock: createTestClock() });
  const client = clientOf(server.url);
  await client.query({ query: InstanceListDocument });
  await client.query({ query: InstanceDocument, variables: { id: 'inst_abc123' } });
  expect(client.extract()).toMatchObject({
    'Instance:inst_abc123': { lastSeenAt: expect.any(String), createdAt: expect.any(String) },
  });
  expect(server.calls()).toEqual(['GET /instances?status=all&limit=100&offset=0']);
});

test('Apollo Client receives the error code of a rejected key', async () => {
  const server = await start();
  const asked = clientOf(server.url, 'invalid').query({ query: InstanceListDocument });
  const error: unknown = await asked.catch((thrown: unknown) => thrown);
  expect(CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions?.['code']).toBe(
    'UNAUTHENTICATED',
  );
});
