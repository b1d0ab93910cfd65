import type { Started } from '#test/support/start.ts';

/** The upstream calls that reading 250 rows causes, with any page size. */
export const callsFor250 = [
  'GET /instances?status=all&limit=100&offset=0',
  'GET /instances?status=all&limit=100&offset=90',
  'GET /instances?status=all&limit=100&offset=180',
];

/** Reads the ids of all instances from the REST API, in its order. */
export async function idsOfAccount({ sandbox }: Started, key = 'test'): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const response = await fetch(`${sandbox.url}/instances?limit=100&offset=${ids.length}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { data, pagination } = (await response.json()) as {
      data: { id: string }[];
      pagination: { hasMore: boolean };
    };
    ids.push(...data.map(({ id }) => id));
    if (!pagination.hasMore) return ids;
  }
}
