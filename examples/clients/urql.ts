import { Client, fetchExchange } from '@urql/core';
import { InstanceListDocument } from './documents.ts';

/** Every instance by its id, page by page. */
export async function* instanceIds(url: string, key: string): AsyncGenerator<string> {
  const fetchOptions = { headers: { authorization: `Bearer ${key}` } };
  // In an app `cacheExchange` comes before it. Short queries go by GET, which this server answers too.
  const client = new Client({ url, fetchOptions, exchanges: [fetchExchange] });

  let after: string | null | undefined;
  do {
    const variables = { first: 100, after };
    const { data, error } = await client.query(InstanceListDocument, variables);
    const list = data?.instances;
    // A row that cannot be read is an error beside the data: only without data is it a failure.
    if (!list) throw error ?? new Error('No answer');
    for (const { node } of list.edges) if (node) yield node.id;
    after = list.pageInfo.hasNextPage ? list.pageInfo.endCursor : undefined;
  } while (after);
}
