import { Client, fetchExchange } from '@urql/core';
import { InstanceListDocument } from './documents.ts';

/** Reads the ids of all instances, page by page. */
export async function* instanceIds(url: string, key: string): AsyncGenerator<string> {
  const fetchOptions = { headers: { authorization: `Bearer ${key}` } };
  // An app would put `cacheExchange` before it. urql sends short queries by GET, which this server
  // accepts.
  const client = new Client({ url, fetchOptions, exchanges: [fetchExchange] });

  let after: string | null | undefined;
  do {
    const variables = { first: 100, after };
    const { data, error } = await client.query(InstanceListDocument, variables);
    const list = data?.instances;
    // An unreadable row is an error beside the data; only a response without data is a failure.
    if (!list) throw error ?? new Error('No data');
    for (const { node } of list.edges) if (node) yield node.id;
    after = list.pageInfo.hasNextPage ? list.pageInfo.endCursor : undefined;
  } while (after);
}
