import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { list as rowsList, rowsOf, startBehind, vendorOf } from '#test/support/faults/faulty.ts';
import { type Answer, start, type Started } from '#test/support/start.ts';
import { always } from '#test/support/upstream.ts';

const hour = 3_600_000;
const steps = [-hour, -5000, 5000, hour];
const list = '{ instances { totalCount nodes { status } } }';
const key = 'test';

const change = (server: Started, status: 'connected' | 'disconnected') =>
  server.sandbox.control.status({ key, id: 'inst_abc123', status });
const statusIn = ({ data }: Answer): string => data.instances.nodes[0].status;
const maxAgeOf = ({ headers }: Answer) => headers.get('cache-control');

test.for(steps)(
  'if the wall clock is stepped by %i ms, a row is fresh for FRESH_MS, and no longer',
  async (ms) => {
    const clock = createTestClock();
    const server = await start({ clock });
    await server.query(list);
    clock.step(ms);
    change(server, 'disconnected');

    clock.advance(1000);
    const fresh = await server.query(list);
    expect(statusIn(fresh)).toBe('CONNECTED');
    expect(maxAgeOf(fresh)).toBe('private, max-age=1');
    // What is shown is the wall clock's time: the row was read a second ago.
    const wallNow = clock.now() + ms;
    expect(fresh.extensions?.enviaai).toMatchObject({
      calls: 0,
      asOf: new Date(wallNow - 1000).toISOString(),
      stale: false,
    });

    clock.advance(1001);
    const renewed = await server.query(list);
    expect(statusIn(renewed)).toBe('DISCONNECTED');
    expect(maxAgeOf(renewed)).toBe('private, max-age=2');
    expect(renewed.extensions?.enviaai).toMatchObject({ calls: 1, stale: false });
  },
);

test.for(steps)(
  'if the wall clock is stepped by %i ms, a row is stale for STALE_MS, and no longer',
  async (ms) => {
    const clock = createTestClock();
    const server = await startBehind(vendorOf(rowsOf(3)), { clock });
    await server.query(rowsList);
    server.turn(always(500, ''));
    clock.step(ms);
    clock.advance(30_000);
    const stale = await server.query(rowsList);
    expect(stale.data.instances.totalCount).toBe(3);
    expect(stale.extensions?.enviaai?.stale).toBe(true);
    expect(maxAgeOf(stale)).toBe('private, max-age=0');
    clock.advance(30_001);
    expect((await server.query(rowsList)).errors).toHaveLength(1);
  },
);

test.for(steps)(
  'if the wall clock is stepped by %i ms, a read answer does not replace a newer one',
  async (ms) => {
    const clock = createTestClock();
    const server = await start({ clock });
    await server.query(list);
    clock.step(ms);
    change(server, 'disconnected');
    clock.advance(10);
    const noCache = { 'cache-control': 'no-cache' };
    expect(statusIn(await server.query(list, {}, noCache))).toBe('DISCONNECTED');
    clock.advance(10);
    expect(statusIn(await server.query(list))).toBe('DISCONNECTED');
    const one = await server.query('{ instance(id: "inst_abc123") { status } }');
    expect(one.data.instance.status).toBe('DISCONNECTED');
  },
);

test.for(steps)(
  'if the wall clock is stepped by %i ms, the budget has its window, shown by the wall clock',
  async (ms) => {
    const clock = createTestClock();
    const server = await start({ clock, ratePerMinute: 5, env: { FRESH_MS: '0', STALE_MS: '0' } });
    const resetAt = '{ rateLimit { remaining resetAt } }';
    await server.query(list);
    clock.step(ms);
    for (let asked = 0; asked < 8; asked += 1) {
      clock.advance(1000);
      await server.query(list);
    }
    expect(server.calls()).toHaveLength(5);
    const { rateLimit } = (await server.query(resetAt)).data;
    expect(rateLimit.remaining).toBe(0);
    const inMs = Date.parse(rateLimit.resetAt) - (clock.now() + clock.wall().aheadMs);
    expect(Math.abs(inMs - 52_000)).toBeLessThanOrEqual(1000);

    // Within a second after the vendor's window has ended, requests are sent again.
    clock.advance(53_000);
    expect((await server.query(list)).errors).toBeUndefined();
    expect((await server.query('{ instance(id: "none") { id } }')).errors).toBeUndefined();
  },
);

test("stepped at any moment, no window of the vendor's is exceeded, and each is used", async () => {
  const clock = createTestClock();
  // Refreshes never wait: a stale row can be served.
  const server = await start({ clock, ratePerMinute: 10, env: { FRESH_MS: '0' } });
  for (let second = 0; second < 300; second += 1) {
    if (second % 7 === 3) clock.step(steps[second % steps.length] ?? 0);
    clock.advance(1000);
    expect((await server.query(list)).errors).toBeUndefined();
  }
  expect(server.calls().length).toBeGreaterThanOrEqual(40);
  expect(server.calls().length).toBeLessThanOrEqual(50);
  const page = await (await fetch(new URL('/metrics', server.url))).text();
  expect(page).toMatch(/outcome="ok"} [1-9]/);
  expect(page).not.toMatch(/outcome="rate-limited"} [1-9]/);
});

test.for(steps)(
  'if the wall clock is stepped by %i ms, a refused key is refused for 5 s, and a breaker probes after 2 s',
  async (ms) => {
    const clock = createTestClock();
    const server = await start({ clock, env: { FRESH_MS: '0', STALE_MS: '0' } });
    server.sandbox.control.fail({ key, status: 401 });
    await server.query(list);
    clock.step(ms);
    clock.advance(4999);
    expect((await server.query(list)).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
    expect(server.calls()).toHaveLength(1);
    clock.advance(1);
    expect((await server.query(list)).errors).toBeUndefined();

    server.sandbox.control.fail({ key, status: 503, times: 5 });
    for (let asked = 0; asked < 2; asked += 1) await server.query(list);
    const { length } = server.calls();
    clock.step(ms);
    clock.advance(1999);
    expect((await server.query(list)).errors).toHaveLength(1);
    expect(server.calls()).toHaveLength(length);
    clock.advance(1);
    expect((await server.query(list)).errors).toBeUndefined();
  },
);

const window = /* GraphQL */ `
  query ($after: String) {
    instances(first: 50, after: $after) {
      nodes {
        id
      }
      pageInfo {
        endCursor
      }
    }
  }
`;

test.for(steps)(
  'if the wall clock is stepped by %i ms, a cursor goes on with the pages of its walk',
  async (ms) => {
    const clock = createTestClock();
    const server = await startBehind(vendorOf(rowsOf(90)), { clock });
    const first = await server.query(window);
    const after = first.data.instances.pageInfo.endCursor;
    clock.step(ms);
    // From memory while it is fresh, and as a stale page while the vendor is away.
    const second = await server.query(window, { after });
    expect(second.data.instances.nodes).toHaveLength(40);
    expect(server.upstream.calls).toHaveLength(1);
    clock.advance(30_000);
    server.turn(always(500, ''));
    const stale = await server.query(window, { after });
    expect(stale.data.instances.nodes).toEqual(second.data.instances.nodes);
    expect(stale.extensions?.enviaai?.stale).toBe(true);
  },
);

test.for([-hour, hour])(
  'if the wall clock is stepped by %i ms, a walk uses no page from before its start',
  async (ms) => {
    const clock = createTestClock();
    const server = await startBehind(vendorOf(rowsOf(150)), { clock, env: { FRESH_MS: '60000' } });
    await server.query('{ instances(last: 1) { totalCount } }');
    // A row is added at the end, and the walk begins with a page that contains it.
    clock.advance(1000);
    server.turn(vendorOf(rowsOf(151)));
    const noCache = { 'cache-control': 'no-cache' };
    let after: string | null = null;
    const ids: string[] = [];
    for (let page = 0; page < 4; page += 1) {
      const answer: Answer = await server.query(window, { after }, page === 0 ? noCache : {});
      if (page === 0) clock.step(ms);
      ids.push(...answer.data.instances.nodes.map(({ id }: { id: string }) => id));
      after = answer.data.instances.pageInfo.endCursor;
      clock.advance(10);
      if (ids.length >= 151) break;
    }
    expect(ids).toHaveLength(151);
    expect(new Set(ids).size).toBe(151);
  },
);

test.for(steps)(
  'if the wall clock is stepped by %i ms, the limit of a caller is for a minute',
  async (ms) => {
    const clock = createTestClock();
    const env = { AUTH: 'none', ENVIAAI_API_KEY: 'server-key', CALLER_RATE_PER_MINUTE: '2' };
    const server = await start({ clock, env });
    await server.query(list);
    await server.query(list);
    clock.step(ms);
    const limited = [{ extensions: { code: 'RATE_LIMITED', retryAfter: 60 } }];
    expect((await server.query(list)).errors).toMatchObject(limited);
    clock.advance(59_999);
    expect((await server.query(list)).errors).toHaveLength(1);
    clock.advance(1);
    expect((await server.query(list)).errors).toBeUndefined();
  },
);
