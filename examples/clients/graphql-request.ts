import { GraphQLClient } from 'graphql-request';
import { InstanceListDocument } from './documents.ts';

/** Reads the ids of all instances, page by page. Without a cache, for a server or a script. */
export async function* instanceIds(url: string, key: string): AsyncGenerator<string> {
  const client = new GraphQLClient(url, {
    headers: { authorization: `Bearer ${key}` },
    // Returns partial data: one unreadable row does not fail the others.
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
