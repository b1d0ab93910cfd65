import { expect, test } from 'vitest';
import {
  anew,
  dataOf,
  everything,
  noCache,
  placeless,
  startReusing,
} from '#test/support/response-cache/reusing.ts';

const key = 'test';

const down = [
  { status: 500 },
  { status: 503 },
  { status: 429, retryAfter: 30 },
  { mode: 'reset' },
] as const;

test.for(down)(
  'while the upstream fails by %o the kept answer is served as stale, and fresh again when that is over',
  async (fault) => {
    const server = await startReusing();
    const asOf = new Date(server.clock.now()).toISOString();
    const first = await server.query(everything);
    server.sandbox.control.fail({ key, ...fault, times: 100 });
    for (let times = 0; times < 3; times += 1) {
      server.clock.advance(2001);
      const old = await server.query(everything);
      expect(dataOf(old)).toBe(dataOf(first));
      expect([old.errors, old.headers.get('cache-control')]).toEqual([
        undefined,
        'private, max-age=0',
      ]);
      expect(old.extensions?.enviaai).toMatchObject({ asOf, stale: true });
    }
    expect(await server.reused()).toBe(3);

    server.sandbox.control.fail({ key, times: 0 });
    server.clock.advance(35_000);
    const back = await server.query(everything);
    expect(placeless(back)).toBe(placeless(first));
    expect(back.extensions?.enviaai).toEqual({
      calls: 1,
      asOf: new Date(server.clock.now()).toISOString(),
      stale: false,
    });
    const standing = await server.query(everything);
    expect(standing.extensions?.enviaai).toMatchObject({ calls: 0, stale: false });
    expect(dataOf(standing)).toBe(dataOf(back));
    expect(await server.reused()).toBe(5);
  },
);

test('a kept answer that is too old for want of a newer one is not served: there is an error', async () => {
  const server = await startReusing();
  await server.query(everything);
  server.sandbox.control.fail({ key, status: 500, times: 100 });
  server.clock.advance(60_000);
  expect((await server.query(everything)).extensions?.enviaai?.stale).toBe(true);
  server.clock.advance(1);
  for (const document of [everything, anew(everything)]) {
    const { data, errors, extensions } = await server.query(document);
    expect(data).toEqual({ instances: null });
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_ERROR' } }]);
    expect(extensions?.enviaai).toEqual({ calls: 1, asOf: null, stale: false });
  }
  expect(await server.reused()).toBe(1);
  expect(server.calls()).toHaveLength(4);
});

test('with STALE_MS=0 nothing kept is served past its time', async () => {
  const server = await startReusing({ env: { STALE_MS: '0' } });
  await server.query(everything);
  server.sandbox.control.fail({ key, status: 500 });
  server.clock.advance(2001);
  const { data, errors } = await server.query(everything);
  expect([data.instances, errors?.length]).toEqual([null, 1]);
  expect(await server.reused()).toBe(0);
  expect(server.calls()).toHaveLength(2);
});

test('when the budget is spent the kept answer is served as stale, at no call, until the window ends', async () => {
  const server = await startReusing({ ratePerMinute: 1 });
  const first = await server.query(everything);
  server.clock.advance(2001);
  for (const headers of [{}, noCache]) {
    const old = await server.query(everything, {}, headers);
    expect(dataOf(old)).toBe(dataOf(first));
    expect(old.extensions?.enviaai).toMatchObject({ calls: 0, stale: true });
  }
  expect(server.calls()).toHaveLength(1);
  server.clock.advance(57_999);
  expect((await server.query(everything)).extensions?.enviaai).toMatchObject({
    calls: 1,
    stale: false,
  });
  expect(await server.reused()).toBe(3);
});

test('an answer that is partly stale tells the age of its oldest row, and is no fresher when kept', async () => {
  const server = await startReusing({ instances: 150 });
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
  expect(await server.reused()).toBe(2);
});
