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

/**
 * Reads the ids of all instances, page by page. A screen would use react-relay's
 * `usePaginationFragment`.
 */
export async function* instanceIds(url: string, key: string): AsyncGenerator<string> {
  const environment = environmentOf(url, key);
  let after: string | null | undefined;
  do {
    const query = fetchQuery<documentsListQuery>(environment, list, { after });
    const instances = (await query.toPromise())?.instances;
    if (!instances) throw new Error('No data');
    for (const { node } of instances.edges) if (node) yield node.id;
    after = instances.pageInfo.hasNextPage ? instances.pageInfo.endCursor : undefined;
  } while (after);
}
