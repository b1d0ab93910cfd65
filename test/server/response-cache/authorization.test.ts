import { expect, test } from 'vitest';
import { startWithIssuer, startIssuer } from '#test/support/callers/issuer.ts';
import { createTestClock } from '#test/support/clock.ts';
import type { Answer } from '#test/support/start.ts';
import { figure } from '#test/support/budget/figure.ts';
import {
  dataOf,
  fullList,
  noCache,
  startCaching,
} from '#test/support/response-cache/caching-server.ts';

const key = 'test';
const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions['code'] ?? 'OK';

test.for([
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
] as const)(
  'after the vendor has refused a key with %i, no cached response is served for it',
  async ([status, code]) => {
    const server = await startCaching({ instances: 300 });
    const byId = '{ instance(id: "inst_abc123") { id } }';
    for (const query of [fullList, byId, fullList, byId]) await server.query(query);
    expect(await server.hits()).toBe(2);

    server.sandbox.control.fail({ key, status });
    expect(codeOf(await server.query(fullList, {}, noCache))).toBe(code);
    for (const query of [fullList, byId]) expect(codeOf(await server.query(query))).toBe(code);
    server.clock.advance(2001);
    expect(codeOf(await server.query(fullList))).toBe(code);
    expect(await server.hits()).toBe(2);
    expect(server.calls()).toHaveLength(2);

    // When the key is accepted again, the response comes from a call, not from the cache.
    server.clock.advance(5000);
    const { extensions } = await server.query(fullList);
    expect(extensions?.enviaai?.calls).toBe(1);
    expect(await server.hits()).toBe(2);
  },
);

test('a key that is refused during a revalidation gets the same error as an uncached one', async () => {
  const [server, other] = [await startCaching(), await startCaching()];
  await server.query(fullList);
  server.clock.advance(2001);
  other.clock.advance(2001);
  const refused = [server, other].map(async (each) => {
    each.sandbox.control.fail({ key, status: 401 });
    return each.query(fullList);
  });
  const [cached, first] = await Promise.all(refused);
  // The first server has made one call more.
  expect(cached?.text.replace('"remaining":998', '"remaining":999')).toBe(first?.text);
  expect([cached?.status, codeOf(cached!)]).toEqual([first?.status, 'UNAUTHENTICATED']);
  expect(server.calls()).toHaveLength(2);
});

test('a refused key does not affect the cached responses of another', async () => {
  const server = await startCaching();
  const other = { authorization: 'Bearer other' };
  await server.query(fullList);
  const before = await server.query(fullList, {}, other);
  server.sandbox.control.fail({ key, status: 401 });
  await server.query(fullList, {}, noCache);
  const after = await server.query(fullList, {}, other);
  expect(dataOf(after)).toBe(dataOf(before));
  expect(await server.hits()).toBe(1);
});

test('an expired, missing or foreign token gets no cached response', async () => {
  const clock = createTestClock();
  const issuer = await startIssuer(clock.now);
  const server = await startWithIssuer(issuer, { clock });
  const { ask, askWithoutToken, calls } = server;
  const reused = () => figure(server, 'enviaai_answers_reused_total');
  const list = '{ instances { totalCount } }';
  const token = await issuer.mint({ claims: { exp: Math.floor(clock.now() / 1000) + 1 } });
  expect([codeOf(await ask(token)), codeOf(await ask(token))]).toEqual(['OK', 'OK']);
  // Another caller of the same key gets the cached response.
  const lasting = await issuer.mint({ claims: { sub: 'user-2' } });
  expect(codeOf(await ask(lasting))).toBe('OK');
  expect(await reused()).toBe(2);

  // Longer than FRESH_MS (2 s) and the clock tolerance of tokens (5 s).
  clock.advance(6001);
  await ask(lasting);
  const refused = [
    await ask(token),
    await askWithoutToken(list),
    await ask('no.token.atall'),
    await ask(await issuer.mint({ claims: { aud: 'somebody else' } })),
  ];
  expect(refused.map(codeOf)).toEqual(refused.map(() => 'UNAUTHENTICATED'));
  expect(refused.map(({ text }) => text.includes('totalCount'))).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(codeOf(await ask(lasting))).toBe('OK');
  expect(await reused()).toBe(4);
  expect(calls()).toHaveLength(2);
});

test('cache hits count against the limit of the caller', async () => {
  const issuer = await startIssuer();
  const server = await startWithIssuer(issuer, { env: { CALLER_RATE_PER_MINUTE: '5' } });
  const { ask } = server;
  const token = await issuer.mint();
  const codes = [];
  for (let times = 0; times < 7; times += 1) codes.push(codeOf(await ask(token)));
  expect(codes).toEqual(['OK', 'OK', 'OK', 'OK', 'OK', 'RATE_LIMITED', 'RATE_LIMITED']);
  expect(await figure(server, 'enviaai_answers_reused_total')).toBeGreaterThanOrEqual(1);
  const other = await issuer.mint({ claims: { sub: 'user-2' } });
  expect(codeOf(await ask(other))).toBe('OK');
});
