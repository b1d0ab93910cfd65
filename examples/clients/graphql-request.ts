import { GraphQLClient } from 'graphql-request';
import { InstanceListDocument } from './documents.ts';

/** Every instance by its id, page by page: no cache, right for a server or a script. */
export async function* instanceIds(url: string, key: string): AsyncGenerator<string> {
  const client = new GraphQLClient(url, {
    headers: { authorization: `Bearer ${key}` },
    // Data beside errors is data: one row that cannot be read does not cost the others.
    errorPolicy: 'all',
  });

  let after: string | null | undefined;
  do {
    const variables = { first: 100, after };
    const { instances } = await client.request(InstanceListDocument, variables);
    if (!instances) throw new Error('No list: with errorPolicy "none", the error says why');
    for (const { node } of instances.edges) if (node) yield node.id;
    after = instances.pageInfo.hasNextPage ? instances.pageInfo.endCursor : undefined;
  } while (after);
}
