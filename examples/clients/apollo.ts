import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { InstanceListDocument } from './documents.ts';

/**
 * Reads the ids of all instances. The cache merges the pages into one list, as a screen shows them.
 */
export async function instanceIds(uri: string, key: string): Promise<string[]> {
  const client = new ApolloClient({
    link: new HttpLink({ uri, headers: { authorization: `Bearer ${key}` } }),
    cache: new InMemoryCache({
      // One growing list for each status. Instances are normalized by their id without
      // configuration.
      typePolicies: { Query: { fields: { instances: relayStylePagination(['status']) } } },
    }),
  });
  const list = client.watchQuery({
    query: InstanceListDocument,
    variables: { first: 100 },
  });
  // Represents a screen, which would show each result. `fetchMore` needs an active subscription.
  const subscription = list.subscribe(() => {});
  let { data } = await client.query({ query: InstanceListDocument, variables: { first: 100 } });
  while (data?.instances?.pageInfo.hasNextPage) {
    const after = data.instances.pageInfo.endCursor;
    ({ data } = await list.fetchMore({ variables: { after } }));
  }
  subscription.unsubscribe();

  const cached = client.readQuery({ query: InstanceListDocument, variables: { first: 100 } });
  return cached?.instances?.edges.flatMap(({ node }) => node?.id ?? []) ?? [];
}
