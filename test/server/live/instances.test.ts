import { expect, test } from 'vitest';
import { line, openList, startWatched } from '#test/support/live/watched-server.ts';

test('a stream begins with the whole list, in its order, for one call', async () => {
  const server = await startWatched({ instances: 5 });
  const { events } = await openList(server);
  const { data } = await server.query('{ instances { nodes { id name status } totalCount } }');
  expect(events()).toEqual([
    {
      complete: true,
      changed: data.instances.nodes,
      gone: [],
      totalCount: 5,
      asOf: '2026-01-01T00:00:00.000Z',
      stale: false,
    },
  ]);
  expect(server.calls()).toHaveLength(1);
});

test('a change, a new instance and a deleted one are sent, each once', async () => {
  const server = await startWatched({ instances: 5 });
  const { events } = await openList(server);
  const [first, second] = events()[0].changed;
  server.control.status({ key: 'test', id: first.id, status: 'disconnected' });
  server.control.remove({ key: 'test', id: second.id });
  server.control.add({ key: 'test', instance: { id: 'inst_new', name: 'New' } });
  await server.pass(10_000);
  expect(events().slice(1)).toEqual([
    {
      complete: false,
      changed: [
        { ...first, status: 'DISCONNECTED' },
        expect.objectContaining({ id: 'inst_new', name: 'New' }),
      ],
      gone: [second.id],
      totalCount: 5,
      asOf: '2026-01-01T00:00:03.000Z',
      stale: false,
    },
  ]);
});

test('a change that is not selected sends nothing but the heartbeat', async () => {
  const server = await startWatched({ instances: 60 });
  const { events } = await openList(server);
  const selecting = await openList(
    server,
    'subscription { instances { changed { id lastSeenAt } } }',
  );
  server.control.stir({ key: 'test', on: true });
  await server.pass(30_000);
  expect(events().slice(1)).toEqual([
    {
      complete: false,
      changed: [],
      gone: [],
      totalCount: 60,
      asOf: expect.stringMatching(/^2026-01-01T00:00:(27|30).000Z$/),
      stale: false,
    },
  ]);
  expect(selecting.events().length).toBeGreaterThan(9);
});

test('fifty streams cost the calls of one: at most 22 a minute', async () => {
  const server = await startWatched({ instances: 90, ratePerMinute: 50 });
  const streams = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      server.open(`subscription { instances { changed { id } stale at${index}: asOf } }`),
    ),
  );
  await server.pass(60_000);
  expect(server.calls().length).toBeGreaterThan(18);
  expect(server.calls().length).toBeLessThanOrEqual(22);
  expect(streams.every((stream) => stream.results().length >= 2)).toBe(true);
});

test('a client that joins gets the whole list, as the others have it, without a call', async () => {
  const server = await startWatched({ instances: 5 });
  const first = await openList(server);
  const [{ id }] = first.events()[0].changed;
  server.control.status({ key: 'test', id, status: 'disconnected' });
  await server.pass(4000);
  const calls = server.calls();
  const second = await openList(server);
  expect(server.calls()).toEqual(calls);
  expect(second.events()).toMatchObject([
    { complete: true, changed: [{ id, status: 'DISCONNECTED' }, {}, {}, {}, {}] },
  ]);
});

test('several changes within a second are one event, after the first of them', async () => {
  const server = await startWatched();
  const { events } = await openList(server);
  await server.pass(1500);
  const rename = async (id: string, name: string) => {
    const update = `updateInstance(id: "${id}", input: { name: "${name}" }) { instance { id } }`;
    await server.query(`mutation { ${update} }`);
    await server.settle();
  };
  await rename('inst_abc123', 'One');
  await rename('inst_abc123', 'Two');
  await rename('inst_def456', 'Three');
  expect(events().slice(1)).toMatchObject([{ changed: [{ name: 'One' }] }]);
  await server.pass(1000);
  expect(events().slice(2)).toMatchObject([{ changed: [{ name: 'Two' }, { name: 'Three' }] }]);
});

test('subscriptions with other selections get what they have selected, for the same calls', async () => {
  const server = await startWatched();
  const names = await openList(server, 'subscription { instances { changed { name } } }');
  const statuses = await openList(server, 'subscription { instances { changed { s: status } } }');
  server.control.status({ key: 'test', id: 'inst_ghi789', status: 'connected' });
  await server.pass(10_000);
  expect(names.events()).toHaveLength(1);
  expect(statuses.events().slice(1)).toEqual([{ changed: [{ s: 'CONNECTED' }] }]);
  expect(server.calls()).toHaveLength(4);
});

test('a field that cannot be read is null, with an error, and is no change while it stays so', async () => {
  const server = await startWatched();
  server.control.add({ key: 'test', instance: { id: 'inst_odd', name: 'Odd', phone: 17 } });
  const stream = await server.open('subscription { instances { changed { id phone } } }');
  await server.settle();
  expect(stream.results()[0].errors).toMatchObject([
    {
      path: ['instances', 'changed', 3, 'phone'],
      extensions: { code: 'UPSTREAM_INVALID_RESPONSE' },
    },
  ]);
  expect(stream.results()[0].data.instances.changed[3]).toEqual({ id: 'inst_odd', phone: null });
  server.control.stir({ key: 'test', on: true });
  await server.pass(20_000);
  expect(stream.results()).toHaveLength(1);
});

test.each([undefined, 'CONNECTING'])(
  'a list without instances is sent at once, and the first instance when it comes: %s',
  async (status) => {
    const server = await startWatched({ instances: 0 });
    const { events } = await openList(server, undefined, { variables: { status } });
    expect(events()).toMatchObject([{ complete: true, changed: [], totalCount: 0, stale: false }]);
    server.control.add({ key: 'test', instance: { id: line, status: 'connecting' } });
    await server.pass(4000);
    expect(events().slice(1)).toMatchObject([{ complete: false, changed: [{ id: line }] }]);
    await server.pass(30_000);
    expect(events()).toHaveLength(3);
  },
);
