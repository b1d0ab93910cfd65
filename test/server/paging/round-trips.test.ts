import { expect, test } from 'vitest';
import { startingRows } from '#src/sandbox/account/grow.ts';
import { createTestClock } from '#test/support/clock.ts';
import { type Gated, startGated } from '#test/support/freshness/gate.ts';
import type { Answer } from '#test/support/start.ts';

const pagesAt = (...offsets: number[]) =>
  offsets.map((offset) => `GET /instances?status=all&limit=100&offset=${offset}`);
const pagesFrom = (first: number, count: number) =>
  pagesAt(...Array.from({ length: count }, (_, page) => first + page * 90));

const startAccount = (instances: number, ratePerMinute?: number) =>
  startGated({
    instances,
    clock: createTestClock(),
    ...(ratePerMinute !== undefined && { ratePerMinute }),
  });

const rows = startingRows(1000).map(({ id }) => String(id));
/** Every 40th row of an account of 1000. */
const ids = rows.filter((_, index) => index % 40 === 0);

const aliased = (ids: readonly string[]) =>
  `{ ${ids.map((id, index) => `i${index}: instance(id: "${id}") { id }`).join(' ')} }`;

/**
 * Sends the operation, and lets the upstream answer only when all of these calls wait for it, wave
 * after wave. `meanwhile` happens before each wave is answered.
 */
async function inWaves(
  server: Gated,
  send: () => Promise<Answer>,
  waves: readonly (readonly string[])[],
  meanwhile = () => {},
): Promise<Answer> {
  server.shut();
  const answer = send();
  let answered = server.calls().length;
  for (const wave of waves) {
    await expect.poll(() => server.held()).toBe(wave.length);
    meanwhile();
    server.pass();
    answered += wave.length;
    await expect.poll(() => server.calls().length).toBe(answered);
    expect(server.calls().slice(-wave.length).toSorted()).toEqual(wave.toSorted());
  }
  const received = await answer;
  expect(server.calls()).toHaveLength(answered);
  server.open();
  return received;
}

test('25 ids of an account of 1000 cost 3 round trips, also if each takes a second; after that, one', async () => {
  const clock = createTestClock();
  const server = await startGated({ instances: 1000, clock });
  const cold = await inWaves(
    server,
    () => server.query(aliased(ids)),
    [pagesAt(0), pagesFrom(90, 5), pagesFrom(540, 5)],
    () => clock.advance(1000),
  );
  expect(cold.errors).toBeUndefined();
  expect(Object.values(cold.data)).toEqual(ids.map((id) => ({ id })));

  clock.advance(10_000);
  const refreshed = await inWaves(server, () => server.query(aliased(ids)), [pagesFrom(0, 11)]);
  expect(Object.values(refreshed.data)).toEqual(ids.map((id) => ({ id })));
  expect(refreshed.extensions?.enviaai).toMatchObject({ calls: 11, stale: false });
});

test.for([
  ['nodes', 'query ($ids: [ID!]!) { rows: nodes(ids: $ids) { id } }'],
  [
    '_entities',
    'query ($of: [_Any!]!) { rows: _entities(representations: $of) { ... on Instance { id } } }',
  ],
] as const)('%s reads scattered ids in 3 round trips', async ([, document]) => {
  const server = await startAccount(1000);
  const of = ids.map((id) => ({ __typename: 'Instance', id }));
  const { data } = await inWaves(server, () => server.query(document, { ids, of }), [
    pagesAt(0),
    pagesFrom(90, 5),
    pagesFrom(540, 5),
  ]);
  expect(data.rows).toEqual(ids.map((id) => ({ id })));
});

test('the last 100 rows of an unread list cost 2 round trips, and 1 once its length is known', async () => {
  const clock = createTestClock();
  const server = await startGated({ instances: 991, clock });
  const last = () => server.query('{ instances(last: 100) { nodes { id } } }');
  const cold = await inWaves(server, last, [pagesAt(0), pagesAt(810, 900)]);
  expect(cold.data.instances.nodes.map(({ id }: { id: string }) => id)).toEqual(
    rows.slice(891, 991),
  );
  clock.advance(10_000);
  const known = await inWaves(server, last, [pagesAt(810, 900)]);
  expect(known.data).toEqual(cold.data);
});

test('a window over the end of an upstream page costs one round trip', async () => {
  const clock = createTestClock();
  const server = await startGated({ instances: 300, clock });
  const first = await server.query('{ instances(first: 70) { pageInfo { endCursor } } }');
  const after = first.data.instances.pageInfo.endCursor;
  clock.advance(10_000);
  const { data } = await inWaves(
    server,
    () =>
      server.query(
        'query ($after: String) { instances(first: 100, after: $after) { nodes { id } } }',
        { after },
      ),
    [pagesAt(0, 90)],
  );
  expect(data.instances.nodes.map(({ id }: { id: string }) => id)).toEqual(rows.slice(70, 170));
});

test('the calls of a wave that the budget has no requests for are not sent: the first pages are', async () => {
  const server = await startAccount(1000, 4);
  const { data, errors } = await inWaves(server, () => server.query(aliased(ids)), [
    pagesAt(0),
    pagesFrom(90, 3),
  ]);
  const found = Object.values(data).filter((row) => row !== null);
  // The rows of four pages: up to offset 369.
  expect(found).toEqual(ids.slice(0, 10).map((id) => ({ id })));
  expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(
    ids.slice(10).map(() => 'RATE_LIMITED'),
  );
});

test('a wave of refreshes is no wider than the pace allows: the other rows are stale', async () => {
  const clock = createTestClock();
  const server = await startGated({ instances: 1000, clock, ratePerMinute: 50 });
  await server.query(aliased(ids));
  expect(server.calls()).toHaveLength(11);
  clock.advance(10_000);
  const { data, errors, extensions } = await server.query(aliased(ids));
  expect(errors).toBeUndefined();
  expect(Object.values(data)).toEqual(ids.map((id) => ({ id })));
  // A fifth of what is left above the reserve: of 50 - 11 - 5.
  expect(extensions?.enviaai).toMatchObject({ calls: 6, stale: true });
  expect(server.calls()).toHaveLength(17);
});

test('an operation joins the pages of a wave that another waits for', async () => {
  const server = await startAccount(1000);
  const [one, other] = [ids.slice(0, 20), ids.slice(5)];
  server.shut();
  const answers = [server.query(aliased(one)), server.query(aliased(other))];
  for (const held of [1, 5, 5]) {
    await expect.poll(() => server.held()).toBe(held);
    server.pass();
  }
  const [first, second] = await Promise.all(answers);
  expect(Object.values(first?.data)).toEqual(one.map((id) => ({ id })));
  expect(Object.values(second?.data)).toEqual(other.map((id) => ({ id })));
  expect(server.calls()).toHaveLength(11);
});
