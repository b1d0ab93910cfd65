import { describe, expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { type Answer, start, type Started } from '#test/support/start.ts';

const list = '{ instances { nodes { status } } }';
const one = '{ instance(id: "inst_abc123") { status } }';
const key = 'test';
const noCache = { 'cache-control': 'no-cache' };

const change = (server: Started, status: 'connected' | 'disconnected') =>
  server.sandbox.control.status({ key, id: 'inst_abc123', status });
const statusIn = ({ data }: Answer): string => (data.instances?.nodes[0] ?? data.instance).status;

test('with FRESH_MS=0 a change is seen by every operation that starts after it, for a call each', async () => {
  const clock = createTestClock();
  const server = await start({ clock, env: { FRESH_MS: '0' } });
  for (let times = 0; times < 5; times += 1) {
    for (const query of [list, one]) {
      change(server, times % 2 ? 'connected' : 'disconnected');
      const answer = await server.query(query);
      expect(statusIn(answer)).toBe(times % 2 ? 'CONNECTED' : 'DISCONNECTED');
      expect(answer.extensions?.enviaai).toMatchObject({ calls: 1, stale: false });
    }
  }
  expect(server.calls()).toHaveLength(10);
});

test('for two seconds all is served from memory, at no calls; a moment later the change is seen, for one', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  await server.query(list);
  change(server, 'disconnected');
  clock.advance(2000);
  for (const query of [list, one, '{ instances(status: CONNECTED) { nodes { status } } }']) {
    const answer = await server.query(query);
    expect(statusIn(answer)).toBe('CONNECTED');
    expect(answer.extensions?.enviaai).toMatchObject({ calls: 0, stale: false });
  }
  expect(server.calls()).toHaveLength(1);

  clock.advance(1);
  const answer = await server.query(list);
  expect(statusIn(answer)).toBe('DISCONNECTED');
  expect(answer.extensions?.enviaai).toMatchObject({
    calls: 1,
    asOf: new Date(clock.now()).toISOString(),
    stale: false,
  });
  expect(server.calls()).toHaveLength(2);
});

test('asking for no cache asks anew, for one call, whose rows are there for all', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  await server.query(list);
  change(server, 'disconnected');
  const answer = await server.query(list, {}, noCache);
  expect(statusIn(answer)).toBe('DISCONNECTED');
  expect(answer.extensions?.enviaai).toMatchObject({ calls: 1, stale: false });
  const next = await server.query(list);
  expect([statusIn(next), next.extensions?.enviaai?.calls]).toEqual(['DISCONNECTED', 0]);
  expect(server.calls()).toHaveLength(2);
});

describe('how long a browser may keep an answer', () => {
  const kept = ({ headers }: Answer) => headers.get('cache-control');

  test('is as long as its oldest row is fresh, in whole seconds', async () => {
    const clock = createTestClock();
    const server = await start({ clock, env: { FRESH_MS: '10000' } });
    const seen = [];
    for (const passes of [0, 1, 4999, 4500, 500, 1]) {
      clock.advance(passes);
      seen.push(kept(await server.query(list)));
    }
    const seconds = [10, 9, 5, 0, 0, 10];
    expect(seen).toEqual(seconds.map((left) => `private, max-age=${left}`));
    expect(server.calls()).toHaveLength(2);
  });

  test('is no time at all with FRESH_MS=0, and where rows are stale', async () => {
    const clock = createTestClock();
    const zero = await start({ clock, env: { FRESH_MS: '0' } });
    expect(kept(await zero.query(list))).toBe('private, max-age=0');
    const spent = await start({ clock, ratePerMinute: 1 });
    await spent.query(list);
    clock.advance(5000);
    expect(kept(await spent.query(list))).toBe('private, max-age=0');
    expect([zero.calls(), spent.calls()].flat()).toHaveLength(2);
  });

  test('is not at all where anything failed, or nothing was read', async () => {
    const clock = createTestClock();
    const server = await start({ clock });
    const both = `{ instances { totalCount } wrong: instances(first: 0) { totalCount } }`;
    const answers = [await server.query(both), await server.query('{ __typename }')];
    server.sandbox.control.fail({ key, status: 500 });
    answers.push(await server.query(list, {}, noCache), await server.query('{ nonsense }'));
    answers.push(await server.query(list, {}, { authorization: 'Bearer invalid' }));
    answers.push(await server.query('{ rateLimit { limit } }'));
    // The third failed upstream, and was served what was held.
    expect(answers.map(kept)).toEqual([
      'no-store',
      'no-store',
      'private, max-age=0',
      'no-store',
      'no-store',
      'no-store',
    ]);
    expect(server.calls()).toHaveLength(2);
  });
});
