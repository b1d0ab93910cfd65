import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { InstanceListDocument } from './documents.ts';

/** Every instance by its id: the pages are merged in the cache, as a screen shows them. */
export async function instanceIds(uri: string, key: string): Promise<string[]> {
  const client = new ApolloClient({
    link: new HttpLink({ uri, headers: { authorization: `Bearer ${key}` } }),
    cache: new InMemoryCache({
      // One growing list for each status. An `Instance` is kept by its id, without a word here.
      typePolicies: { Query: { fields: { instances: relayStylePagination(['status']) } } },
    }),
  });
  const list = client.watchQuery({
    query: InstanceListDocument,
    variables: { first: 100 },
  });
  // A screen would show each result; the query is fetched for as long as somebody looks on.
  const screen = list.subscribe(() => {});
  let { data } = await client.query({ query: InstanceListDocument, variables: { first: 100 } });
  while (data?.instances?.pageInfo.hasNextPage) {
    const after = data.instances.pageInfo.endCursor;
    ({ data } = await list.fetchMore({ variables: { after } }));
  }
  screen.unsubscribe();

  const shown = client.readQuery({ query: InstanceListDocument, variables: { first: 100 } });
  return shown?.instances?.edges.flatMap(({ node }) => node?.id ?? []) ?? [];
}
