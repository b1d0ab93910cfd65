import { Pool } from 'undici';
import { createClient } from './client.ts';
import type { Operation } from './scenarios.ts';
import type { ServerProcess } from './servers/fleet.ts';

const document = /* GraphQL */ `
  query Fill($after: String) {
    instances(first: 100, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

interface Response {
  readonly errors?: unknown;
  readonly data?: {
    readonly instances: {
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    } | null;
  };
}

const connections = 16;

/** Makes a server read the whole list of a key, so that its rows are cached. */
export async function fillRows(server: ServerProcess, key: string): Promise<void> {
  const reader = createReader(server);
  for (let after: string | null = null; ;) {
    const { hasNextPage, endCursor } = await reader.readPage(key, after);
    if (!hasNextPage) break;
    after = endCursor;
  }
  await reader.close();
}

/** Sends an operation with each key. */
export async function fillKeys(
  { url }: ServerProcess,
  keys: readonly string[],
  operation: Operation,
): Promise<void> {
  const client = createClient(url, 'graphql', connections);
  const queue = [...keys];
  const work = async () => {
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      await client.send(operation, key);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  await client.close();
}

function createReader({ url }: ServerProcess) {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 1 });
  return {
    async readPage(key: string, after: string | null) {
      const { body } = await pool.request({
        method: 'POST',
        path: pathname,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ query: document, variables: { after } }),
      });
      const { data, errors } = (await body.json()) as Response;
      if (data?.instances) return data.instances.pageInfo;
      throw new Error(`The cache could not be filled: ${JSON.stringify(errors)}`);
    },
    close: () => pool.close(),
  };
}
