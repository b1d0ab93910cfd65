import { expect, test } from 'vitest';
import { openList, startWatched, type WatchedServer } from '#test/support/live/watched-server.ts';

/** Eleven pages, at EnviaAI's real limit: the pace lets four live calls begin at once. */
const account = { instances: 1000, ratePerMinute: 50 };

/** Every `step`th id of the account. */
async function idsOf({ sandbox }: WatchedServer, step: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let offset = 0; offset < account.instances; offset += 100) {
    const url = `${sandbox.url}/instances?status=all&limit=100&offset=${offset}`;
    const response = await fetch(url, { headers: { authorization: `Bearer reader-${offset}` } });
    const { data } = (await response.json()) as { data: { id: string }[] };
    ids.push(...data.map(({ id }) => id));
  }
  return ids.filter((_, index) => index % step === 0);
}

test('a list of eleven pages that nobody has read is sent within 30 s, with a call for each page', async () => {
  const server = await startWatched(account);
  const stream = await openList(server);
  await server.pass(30_000, 250);
  expect(stream.events()[0]).toMatchObject({ complete: true, totalCount: 1000 });
  const first = server.calls().slice(0, 11);
  expect(new Set(first).size).toBe(11);
});

test('20 ids that are spread over an account that nobody has read are sent within 30 s', async () => {
  const server = await startWatched(account);
  const ids = await idsOf(server, 50);
  const stream = await openList(server, undefined, { variables: { ids } });
  await server.pass(30_000, 250);
  expect(stream.events()[0]).toMatchObject({ complete: true, totalCount: 20 });
});

test.each([10, 125])(
  'of every %ith id of a long account, the last one is polled as often as the first',
  async (step) => {
    const server = await startWatched(account);
    const ids = await idsOf(server, step);
    await server.query('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
    const stream = await openList(server, undefined, { variables: { ids } });
    expect(stream.events()[0]).toMatchObject({ totalCount: ids.length });
    const id = ids.at(-1) ?? '';
    const seen = () =>
      stream.events().flatMap(({ changed }: { changed: { id: string }[] }) => changed);
    await server.pass(60_000, 250);
    const before = seen().filter((row) => row.id === id).length;
    const [{ status = '' } = {}] = seen().filter((row) => row.id === id) as { status?: string }[];
    const other = status === 'CONNECTED' ? 'disconnected' : 'connected';
    server.control.status({ key: 'test', id, status: other });
    await server.pass(60_000, 250);
    expect(seen().filter((row) => row.id === id)).toHaveLength(before + 1);
  },
);
