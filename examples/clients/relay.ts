import { Environment, Network, RecordSource, Store, fetchQuery } from 'relay-runtime';
import list, { type documentsListQuery } from './relay/__generated__/documentsListQuery.graphql.ts';

const environmentOf = (url: string, key: string) =>
  new Environment({
    store: new Store(new RecordSource()),
    network: Network.create(async ({ text: query }, variables) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
      const body = JSON.stringify({ query, variables });
      const response = await fetch(url, { method: 'POST', headers, body });
      return response.json();
    }),
  });

/** Every instance by its id, page by page; a screen would take `usePaginationFragment` of react-relay. */
export async function* instanceIds(url: string, key: string): AsyncGenerator<string> {
  const environment = environmentOf(url, key);
  let after: string | null | undefined;
  do {
    const answer = fetchQuery<documentsListQuery>(environment, list, { after });
    const instances = (await answer.toPromise())?.instances;
    if (!instances) throw new Error('No answer');
    for (const { node } of instances.edges) if (node) yield node.id;
    after = instances.pageInfo.hasNextPage ? instances.pageInfo.endCursor : undefined;
  } while (after);
}
