import { createHash } from 'node:crypto';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
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

/** The merged list of all pages so far, from Apollo's cache. */
const cachedList = (client: ApolloClient) =>
  client.readQuery({ query: InstanceListDocument })?.instances;

test('Apollo Client merges 250 rows page by page, each row once, with 3 calls', async () => {
  const server = await start({ instances: 250, clock: createTestClock() });
  const client = clientOf(server.url);
  const list = client.watchQuery({ query: InstanceListDocument });

  const first = await firstValueFrom(list.pipe(filter(({ loading }) => !loading)));
  let page = first.dataState === 'complete' ? first.data.instances?.pageInfo : undefined;
  const lengths: (number | undefined)[] = [];
  while (page?.hasNextPage) {
    const next = await list.fetchMore({ variables: { after: page.endCursor } });
    page = next.data?.instances?.pageInfo;
    lengths.push(cachedList(client)?.edges.length);
  }

  expect(server.calls()).toEqual(callsFor250);
  expect(lengths).toEqual([100, 150, 200, 250]);
  const list250 = cachedList(client);
  expect(list250?.totalCount).toBe(250);
  expect(list250?.edges.map(({ node }) => node?.id)).toEqual(await idsOfAccount(server));
});

const nodesDocument = gql`
  query ($after: String) {
    instances(first: 100, after: $after) {
      nodes {
        id
      }
      pageInfo {
        endCursor
      }
    }
  }
`;

test('of a document with nodes, relayStylePagination keeps the last page only', async () => {
  const server = await start({ instances: 150, clock: createTestClock() });
  const client = clientOf(server.url);
  const list = client.watchQuery<{
    instances: { nodes: { id: string }[]; pageInfo: { endCursor: string } };
  }>({ query: nodesDocument });
  const nodes = () =>
    client.readQuery<{ instances: { nodes: unknown[] } }>({ query: nodesDocument });
  const first = await firstValueFrom(list.pipe(filter(({ loading }) => !loading)));
  expect(nodes()?.instances.nodes).toHaveLength(100);
  const after = first.dataState === 'complete' && first.data.instances.pageInfo.endCursor;
  await list.fetchMore({ variables: { after } });
  expect(nodes()?.instances.nodes).toHaveLength(50);
});

test.each([true, false])(
  'the settings that two screens select are in the cache together only with merge: %s',
  async (merge) => {
    const server = await start({ clock: createTestClock() });
    const client = new ApolloClient({
      link: new HttpLink({ uri: server.url, headers: { authorization: 'Bearer test' } }),
      cache: new InMemoryCache({ typePolicies: { InstanceSettings: { merge } } }),
    });
    for (const field of ['autoRead', 'autoTyping']) {
      const query = gql`{ instance(id: "inst_abc123") { id settings { ${field} } } }`;
      await client.query({ query });
    }
    const settings = {
      __typename: 'InstanceSettings',
      autoTyping: true,
      ...(merge && { autoRead: false }),
    };
    const cached = client.extract() as Record<string, unknown>;
    expect(cached['Instance:inst_abc123']).toEqual({
      __typename: 'Instance',
      id: 'inst_abc123',
      settings,
    });
  },
);

test('Apollo Client normalizes an instance of two documents to one cache entry', async () => {
  const server = await start({ clock: createTestClock() });
  const client = clientOf(server.url);
  await client.query({ query: InstanceListDocument });
  await client.query({ query: InstanceDocument, variables: { id: 'inst_abc123' } });
  expect(client.extract()).toMatchObject({
    'Instance:inst_abc123': { lastSeenAt: expect.any(String), createdAt: expect.any(String) },
  });
  expect(server.calls()).toEqual(['GET /instances?status=all&limit=100&offset=0']);
});

test('Apollo Client exposes the error code of a refused key', async () => {
  const server = await start();
  const query = clientOf(server.url, 'invalid').query({ query: InstanceListDocument });
  const error: unknown = await query.catch((thrown: unknown) => thrown);
  expect(CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions?.['code']).toBe(
    'UNAUTHENTICATED',
  );
});

test.each([false, true])(
  'Apollo Client sends its hashes to a server without manifests, then the texts; by GET: %s',
  async (useGETForHashedQueries) => {
    const server = await start({ clock: createTestClock() });
    const http = new HttpLink({ uri: server.url, headers: { authorization: 'Bearer test' } });
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const client = new ApolloClient({
      link: new PersistedQueryLink({ sha256, useGETForHashedQueries }).concat(http),
      cache: new InMemoryCache(),
    });
    for (const id of ['inst_abc123', 'inst_def456']) {
      const { data } = await client.query({ query: InstanceDocument, variables: { id } });
      expect(data?.instance?.id).toBe(id);
    }
    // The second operation has no hash any more.
    const refusals = server.log.filter((line) => line.includes('PERSISTED_QUERY_NOT_SUPPORTED'));
    expect(refusals.length).toBeLessThanOrEqual(1);
  },
);
