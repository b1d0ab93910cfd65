import { Pool } from 'undici';
import type { Served } from './servers/fleet.ts';

const page = /* GraphQL */ `
  query Fill($after: String) {
    instances(first: 100, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

interface Answer {
  readonly errors?: unknown;
  readonly data?: {
    readonly instances: {
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    } | null;
  };
}

/** Has a server read the whole list of a key, so that it holds it. */
export async function fillRows(server: Served, key: string): Promise<void> {
  const ask = asker(server);
  for (let after: string | null = null; ;) {
    const { hasNextPage, endCursor } = await ask.page(key, after);
    if (!hasNextPage) break;
    after = endCursor;
  }
  await ask.close();
}

/** Has a server read the first page of each key. */
export async function fillKeys(server: Served, keys: readonly string[]): Promise<void> {
  const ask = asker(server);
  const left = [...keys];
  const work = async () => {
    for (let key = left.pop(); key !== undefined; key = left.pop()) await ask.page(key, null);
  };
  await Promise.all(Array.from({ length: 16 }, work));
  await ask.close();
}

function asker({ url }: Served) {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 16 });
  return {
    async page(key: string, after: string | null) {
      const { body } = await pool.request({
        method: 'POST',
        path: pathname,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ query: page, variables: { after } }),
      });
      const { data, errors } = (await body.json()) as Answer;
      if (data?.instances) return data.instances.pageInfo;
      throw new Error(`A list to hold was not answered: ${JSON.stringify(errors)}`);
    },
    close: () => pool.close(),
  };
}
