import { expect, test } from 'vitest';
import { line, openList, startWatched } from '#test/support/live/watched-server.ts';

const key = 'test';
const one = 'subscription ($id: ID!) { instance(id: $id) { id name status } }';

test('one instance is sent at once, when it changes, and every 30 seconds', async () => {
  const server = await startWatched();
  const stream = await server.open(one, { variables: { id: line } });
  await server.settle();
  const values = () => stream.results().map(({ data }) => data.instance);
  expect(values()).toMatchObject([{ id: line, status: 'DISCONNECTED' }]);
  server.control.status({ key, id: line, status: 'connected' });
  await server.pass(4000);
  expect(values().slice(1)).toMatchObject([{ id: line, status: 'CONNECTED' }]);
  await server.pass(30_000);
  expect(values().slice(2)).toEqual([values()[1]]);
});

test('an instance that is deleted is null, and its stream stays open', async () => {
  const server = await startWatched();
  const stream = await server.open(one, { variables: { id: line } });
  await server.settle();
  const { removed } = server.control.remove({ key, id: line });
  await server.pass(4000);
  expect(stream.results().at(-1)).toEqual({ data: { instance: null } });
  expect(removed).toEqual([line]);
  server.control.add({ key, instance: { id: line, name: 'Again' } });
  await server.pass(20_000);
  expect(stream.results().at(-1)).toMatchObject({ data: { instance: { name: 'Again' } } });
  expect(stream.isEnded()).toBe(false);
});

test('an id that no instance has is null, and costs 4 calls a minute', async () => {
  const server = await startWatched({ instances: 500 });
  const ids = ['inst_none', ''];
  const streams = await Promise.all(ids.map((id) => server.open(one, { variables: { id } })));
  await server.settle();
  for (const stream of streams) expect(stream.results()).toEqual([{ data: { instance: null } }]);
  await server.pass(60_000);
  expect(server.calls()).toEqual(Array.from({ length: 5 }, () => 'GET /instances/inst_none'));
});

test('an id without a GET is missing after a scan of the list', async () => {
  const server = await startWatched({ instances: 150 });
  const stream = await server.open(one, { variables: { id: 'a/b' } });
  await server.settle();
  expect(stream.results()).toEqual([{ data: { instance: null } }]);
  expect(server.calls()).toHaveLength(2);
});

test('instances by id: unknown ids are left out, and many rows cost a call', async () => {
  const server = await startWatched({ instances: 90 });
  const { data } = await server.query('{ instances(first: 3) { nodes { id name status } } }');
  const rows: { id: string }[] = data.instances.nodes;
  const ids = [...rows.map(({ id }) => id), 'inst_none', ''];
  const { events } = await openList(server, undefined, { variables: { ids } });
  expect(events()).toMatchObject([{ complete: true, changed: rows, totalCount: 3 }]);
  server.control.remove({ key, id: ids[0] ?? '' });
  await server.pass(4000);
  expect(events().at(-1)).toMatchObject({ changed: [], gone: [ids[0]], totalCount: 2 });
  expect(server.calls().every((call) => call.startsWith('GET /instances?'))).toBe(true);
  expect(server.calls().length).toBeLessThanOrEqual(3);
});

test('instances by id and status: one that leaves the status is gone, and returns', async () => {
  const server = await startWatched({ instances: 3 });
  const variables = { ids: [line], status: 'DISCONNECTED' };
  const { events } = await openList(server, undefined, { variables });
  server.control.status({ key, id: line, status: 'connected' });
  await server.pass(4000);
  server.control.status({ key, id: line, status: 'disconnected' });
  await server.pass(4000);
  expect(events()).toMatchObject([
    { complete: true, changed: [{ id: line }], totalCount: 1 },
    { complete: false, changed: [], gone: [line], totalCount: 0 },
    { complete: false, changed: [{ id: line }], gone: [], totalCount: 1 },
  ]);
});

test('more ids than MAX_IDS are refused without a call', async () => {
  const server = await startWatched({ env: { MAX_IDS: '2' } });
  const { events, ended } = await openList(server, undefined, {
    variables: { ids: ['a', 'b', 'c'] },
  });
  await ended;
  expect(events()).toMatchObject([
    [{ path: ['instances'], extensions: { code: 'LIMIT_EXCEEDED', limit: 'MAX_IDS' } }],
  ]);
  expect(server.calls()).toEqual([]);
});

test('a write shows in the streams at once, without a call', async () => {
  const server = await startWatched();
  const list = await openList(server);
  const single = await server.open(one, { variables: { id: line } });
  await server.settle();
  await server.pass(1500);
  const calls = server.calls();
  await server.query(
    `mutation { updateInstance(id: "${line}", input: { name: "Renamed" }) { instance { name } } }`,
  );
  await server.settle();
  expect(list.events().at(-1)).toMatchObject({ changed: [{ id: line, name: 'Renamed' }] });
  expect(single.results().at(-1)).toMatchObject({ data: { instance: { name: 'Renamed' } } });
  expect(server.calls().slice(calls.length)).toEqual([`PATCH /instances/${line}`]);
});

test('a created instance shows at once, and stays while the list of EnviaAI lags', async () => {
  const server = await startWatched();
  const { events } = await openList(server);
  await server.pass(1500);
  server.control.lag({ key, ms: 8000 });
  const { data } = await server.query(
    'mutation { createInstance(input: { name: "Fresh" }) { instance { id } } }',
  );
  const { id } = data.createInstance.instance;
  await server.settle();
  expect(events().at(-1)).toMatchObject({ changed: [{ id, name: 'Fresh' }], totalCount: 4 });
  await server.pass(30_000);
  expect(events().flatMap(({ gone }) => gone)).toEqual([]);
});

test('what anybody reads shows in the streams, and postpones their poll', async () => {
  const server = await startWatched();
  const { events } = await openList(server);
  server.control.status({ key, id: line, status: 'connected' });
  await server.pass(2500);
  await server.query('{ instances { totalCount } }', {}, { 'cache-control': 'no-cache' });
  await server.settle();
  expect(events().at(-1)).toMatchObject({ changed: [{ id: line, status: 'CONNECTED' }] });
  const calls = server.calls().length;
  await server.pass(2750);
  expect(server.calls()).toHaveLength(calls);
  await server.pass(250);
  expect(server.calls()).toHaveLength(calls + 1);
});

test('after the last stream, polling goes on for five seconds', async () => {
  const server = await startWatched();
  const stream = await openList(server);
  stream.leave();
  await expect
    .poll(async () => (await fetch(new URL('/metrics', server.url))).text())
    .toContain('enviaai_streams_open 0\n');
  await server.pass(4000);
  expect(server.calls()).toHaveLength(2);
  await server.pass(60_000);
  expect(server.calls()).toHaveLength(2);
  const metrics = await (await fetch(new URL('/metrics', server.url))).text();
  expect(metrics).toContain('enviaai_tracked_entries{kind="watched_rows"} 0\n');
});
