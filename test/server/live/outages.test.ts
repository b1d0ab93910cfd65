import { expect, test } from 'vitest';
import { mergedList } from '#test/support/live/merged-list.ts';
import { openList, startWatched } from '#test/support/live/watched-server.ts';

const key = 'test';

test('without budget, one event says that the rows are stale, and one that they are not', async () => {
  const server = await startWatched({ instances: 5, ratePerMinute: 50 });
  const { events, isEnded } = await openList(server);
  const [{ id }] = events()[0].changed;
  server.control.spend({ key, remaining: 0 });
  await server.pass(15_000);
  expect(events().slice(1)).toMatchObject([{ changed: [], gone: [], stale: true }]);
  await server.pass(30_000);
  expect(events().slice(2)).toMatchObject([{ complete: false, changed: [], stale: true }]);
  await server.pass(30_000);
  expect(events().slice(3)).toMatchObject([{ changed: [], gone: [], stale: false }]);
  server.control.status({ key, id, status: 'disconnected' });
  await server.pass(4000);
  expect(events().slice(4)).toMatchObject([{ changed: [{ id }], stale: false }]);
  expect(isEnded()).toBe(false);
});

test('a stream outlasts an EnviaAI that is down for longer than rows may be stale', async () => {
  const server = await startWatched({ instances: 5 });
  const { events, isEnded } = await openList(server);
  server.control.fail({ key, times: 10_000, status: 503 });
  await server.pass(120_000, 1000);
  expect(
    events()
      .slice(1)
      .map(({ stale }) => stale),
  ).toEqual([true, true, true, true]);
  const late = await openList(server);
  expect(late.events()).toMatchObject([{ complete: true, totalCount: 5, stale: true }]);
  server.control.fail({ key, times: 0 });
  await server.pass(30_000);
  expect(events().at(-1)).toMatchObject({ stale: false });
  expect(isEnded()).toBe(false);
});

test('without budget and cached rows, a new stream ends with RATE_LIMITED', async () => {
  const server = await startWatched({ instances: 5, ratePerMinute: 50 });
  await server.query('{ rateLimit { remaining } instance(id: "inst_none") { id } }');
  server.control.spend({ key, remaining: 0 });
  await server.query('{ instance(id: "inst_other") { id } }');
  const list = await openList(server);
  const one = await server.open('subscription { instance(id: "inst_abc123") { id } }');
  await Promise.all([list.ended, one.ended]);
  expect(list.events()).toMatchObject([
    [{ path: ['instances'], extensions: { code: 'RATE_LIMITED' } }],
  ]);
  expect(one.results()[0].errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
});

test('without budget, a new stream begins with the rows that are cached', async () => {
  const server = await startWatched({ instances: 5, ratePerMinute: 50 });
  await server.query('{ instances { nodes { id } } }');
  server.control.spend({ key, remaining: 0 });
  server.clock.advance(20_000);
  const { events } = await openList(server);
  await server.settle();
  expect(events()).toMatchObject([
    { complete: true, totalCount: 5, stale: true, asOf: '2026-01-01T00:00:00.000Z' },
  ]);
});

test.each([
  [401, 'expired_api_key', 'UNAUTHENTICATED'],
  [403, 'insufficient_permissions', 'FORBIDDEN'],
])('a refused key ends the streams: %d', async (status, code, expected) => {
  const server = await startWatched({ instances: 5 });
  const list = await openList(server);
  const one = await server.open('subscription { instance(id: "inst_abc123") { id } }');
  await server.settle();
  server.control.fail({ key, times: 10, status, code });
  await server.pass(6000);
  expect([list.isEnded(), one.isEnded()]).toEqual([true, true]);
  for (const results of [list.results(), one.results()]) {
    expect(results.at(-1)?.errors).toMatchObject([{ extensions: { code: expected } }]);
  }
});

test('an id that EnviaAI refuses ends its stream only', async () => {
  const server = await startWatched({ instances: 500 });
  const one = await server.open('subscription { instance(id: "inst_abc123") { id } }');
  await server.settle();
  server.control.fail({ key, status: 400, code: 'invalid_parameters' });
  const other = await server.open('subscription { instance(id: "inst_odd") { id } }');
  await server.pass(6000);
  expect(other.results()[0].errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  expect([one.isEnded(), other.isEnded()]).toEqual([false, true]);
});

test('a stream that the pace of live calls delays begins a moment later', async () => {
  const server = await startWatched({ instances: 300, ratePerMinute: 50 });
  const long = await openList(server);
  const short = await openList(server, undefined, { variables: { status: 'CONNECTING' } });
  const one = await server.open('subscription { instance(id: "inst_none") { id } }');
  await server.pass(15_000);
  expect(long.events()[0]).toMatchObject({ complete: true, totalCount: 300 });
  expect(short.events()[0]).toMatchObject({ complete: true });
  expect(one.results()[0]).toEqual({ data: { instance: null } });
  await server.pass(60_000);
  const all = [...long.events(), ...short.events()];
  expect(all.filter(({ stale }) => stale)).toEqual([]);
});

test('streams that begin beside others are read first, and none gets stale', async () => {
  const server = await startWatched({ instances: 250, ratePerMinute: 50 });
  const open = async (variables: object) =>
    (await openList(server, undefined, { variables })).events;
  const whole = await open({});
  const others = [
    await open({ status: 'CONNECTED' }),
    await open({ ids: ['inst_abc123', 'inst_none'] }),
    await open({ ids: ['inst_def456'] }),
  ];
  await server.pass(20_000);
  for (const events of others) expect(events()[0]).toMatchObject({ complete: true });
  server.control.status({ key, id: 'inst_abc123', status: 'disconnected' });
  await server.pass(60_000);
  for (const events of [whole, ...others]) {
    expect(events().filter(({ stale }) => stale)).toEqual([]);
  }
  expect(others[1]?.().at(-1)).toMatchObject({ totalCount: 1 });
  expect(mergedList(whole()).get('inst_abc123')).toBe('DISCONNECTED');
});
