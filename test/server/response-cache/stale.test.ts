import { expect, test } from 'vitest';
import {
  uncached,
  dataOf,
  fullList,
  noCache,
  withoutCursors,
  startCaching,
} from '#test/support/response-cache/caching-server.ts';

const key = 'test';

const down = [
  { status: 500 },
  { status: 503 },
  { status: 429, retryAfter: 30 },
  { mode: 'reset' },
] as const;

test.for(down)(
  'while the upstream fails with %o, the cached response is served as stale',
  async (fault) => {
    const server = await startCaching();
    const asOf = new Date(server.clock.now()).toISOString();
    const first = await server.query(fullList);
    server.sandbox.control.fail({ key, ...fault, times: 100 });
    for (let times = 0; times < 3; times += 1) {
      server.clock.advance(2001);
      const old = await server.query(fullList);
      expect(dataOf(old)).toBe(dataOf(first));
      expect([old.errors, old.headers.get('cache-control')]).toEqual([
        undefined,
        'private, max-age=0',
      ]);
      expect(old.extensions?.enviaai).toMatchObject({ asOf, stale: true });
    }
    expect(await server.hits()).toBe(3);

    server.sandbox.control.fail({ key, times: 0 });
    server.clock.advance(35_000);
    const back = await server.query(fullList);
    expect(withoutCursors(back)).toBe(withoutCursors(first));
    expect(back.extensions?.enviaai).toMatchObject({
      calls: 1,
      asOf: new Date(server.clock.now()).toISOString(),
      stale: false,
    });
    const hit = await server.query(fullList);
    expect(hit.extensions?.enviaai).toMatchObject({ calls: 0, stale: false });
    expect(dataOf(hit)).toBe(dataOf(back));
    expect(await server.hits()).toBe(5);
  },
);

test('a cached response older than STALE_MS is not served: there is an error', async () => {
  const server = await startCaching();
  await server.query(fullList);
  server.sandbox.control.fail({ key, status: 500, times: 100 });
  server.clock.advance(60_000);
  expect((await server.query(fullList)).extensions?.enviaai?.stale).toBe(true);
  server.clock.advance(1);
  for (const document of [fullList, uncached(fullList)]) {
    const { data, errors, extensions } = await server.query(document);
    expect(data).toEqual({ instances: null });
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_ERROR' } }]);
    expect(extensions?.enviaai).toMatchObject({ calls: 1, asOf: null, stale: false });
  }
  expect(await server.hits()).toBe(1);
  expect(server.calls()).toHaveLength(4);
});

test('with STALE_MS=0, no stale response is served', async () => {
  const server = await startCaching({ env: { STALE_MS: '0' } });
  await server.query(fullList);
  server.sandbox.control.fail({ key, status: 500 });
  server.clock.advance(2001);
  const { data, errors } = await server.query(fullList);
  expect([data.instances, errors?.length]).toEqual([null, 1]);
  expect(await server.hits()).toBe(0);
  expect(server.calls()).toHaveLength(2);
});

test('with no budget left, the cached response is served as stale until the window ends', async () => {
  const server = await startCaching({ ratePerMinute: 1 });
  const first = await server.query(fullList);
  server.clock.advance(2001);
  for (const headers of [{}, noCache]) {
    const old = await server.query(fullList, {}, headers);
    expect(dataOf(old)).toBe(dataOf(first));
    expect(old.extensions?.enviaai).toMatchObject({ calls: 0, stale: true });
  }
  expect(server.calls()).toHaveLength(1);
  server.clock.advance(57_999);
  expect((await server.query(fullList)).extensions?.enviaai).toMatchObject({
    calls: 1,
    stale: false,
  });
  expect(await server.hits()).toBe(3);
});

test('a partly stale response has the age of its oldest row, also from the cache', async () => {
  const server = await startCaching({ instances: 150 });
  const ends = '{ a: instances(first: 1) { nodes { id } } b: instances(last: 1) { nodes { id } } }';
  const asOf = new Date(server.clock.now()).toISOString();
  await server.query(ends);
  server.clock.advance(2001);
  await server.query('{ instances(first: 1) { totalCount } }');
  server.sandbox.control.fail({ key, status: 500, times: 100 });
  for (let times = 0; times < 2; times += 1) {
    const { extensions } = await server.query(ends);
    expect(extensions?.enviaai).toMatchObject({ calls: 1, asOf, stale: true });
  }
  expect(await server.hits()).toBe(2);
});
