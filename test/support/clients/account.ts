import type { Started } from '#test/support/start.ts';

/** What reading 250 rows costs, however many they are read at a time. */
export const callsFor250 = [
  'GET /instances?status=all&limit=100&offset=0',
  'GET /instances?status=all&limit=100&offset=90',
  'GET /instances?status=all&limit=100&offset=180',
];

/** The id of every instance of the account, in order, asked of the REST API itself. */
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
