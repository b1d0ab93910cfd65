import { expect, test } from 'vitest';
import { startFor, startIssuer } from '#test/support/callers/issuer.ts';
import { createTestClock } from '#test/support/clock.ts';
import type { Answer } from '#test/support/start.ts';
import { figure } from '#test/support/budget/figure.ts';
import { dataOf, everything, noCache, startReusing } from '#test/support/response-cache/reusing.ts';

const key = 'test';
const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions['code'] ?? 'OK';

test.for([
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
] as const)(
  'once the vendor has refused a key with %i, no answer kept for it is served, fresh or not',
  async ([status, code]) => {
    const server = await startReusing({ instances: 300 });
    const byId = '{ instance(id: "inst_abc123") { id } }';
    for (const query of [everything, byId, everything, byId]) await server.query(query);
    expect(await server.reused()).toBe(2);

    server.sandbox.control.fail({ key, status });
    expect(codeOf(await server.query(everything, {}, noCache))).toBe(code);
    for (const query of [everything, byId]) expect(codeOf(await server.query(query))).toBe(code);
    server.clock.advance(2001);
    expect(codeOf(await server.query(everything))).toBe(code);
    expect(await server.reused()).toBe(2);
    expect(server.calls()).toHaveLength(2);

    // Accepted again, it is answered from a call, and not from what was kept before.
    server.clock.advance(5000);
    const { extensions } = await server.query(everything);
    expect(extensions?.enviaai?.calls).toBe(1);
    expect(await server.reused()).toBe(2);
  },
);

test('a refusal that a revalidation meets is told in the words of the first time', async () => {
  const [server, other] = [await startReusing(), await startReusing()];
  await server.query(everything);
  server.clock.advance(2001);
  other.clock.advance(2001);
  const refused = [server, other].map(async (each) => {
    each.sandbox.control.fail({ key, status: 401 });
    return each.query(everything);
  });
  const [known, first] = await Promise.all(refused);
  expect(known?.text).toBe(first?.text);
  expect([known?.status, codeOf(known!)]).toEqual([first?.status, 'UNAUTHENTICATED']);
  expect(server.calls()).toHaveLength(2);
});

test('one key that is refused takes no kept answer from another', async () => {
  const server = await startReusing();
  const other = { authorization: 'Bearer other' };
  await server.query(everything);
  const before = await server.query(everything, {}, other);
  server.sandbox.control.fail({ key, status: 401 });
  await server.query(everything, {}, noCache);
  const after = await server.query(everything, {}, other);
  expect(dataOf(after)).toBe(dataOf(before));
  expect(await server.reused()).toBe(1);
});

test('a token that has expired, is missing or is not ours gets no kept answer', async () => {
  const clock = createTestClock();
  const issuer = await startIssuer(clock.now);
  const server = await startFor(issuer, { clock });
  const { ask, askBare, calls } = server;
  const reused = () => figure(server, 'enviaai_answers_reused_total');
  const list = '{ instances { totalCount } }';
  const token = await issuer.mint({ claims: { exp: Math.floor(clock.now() / 1000) + 1 } });
  expect([codeOf(await ask(token)), codeOf(await ask(token))]).toEqual(['OK', 'OK']);
  // Another caller of the same key is served the same.
  const lasting = await issuer.mint({ claims: { sub: 'user-2' } });
  expect(codeOf(await ask(lasting))).toBe('OK');
  expect(await reused()).toBe(2);

  // An answer stands for two seconds; clocks may differ by five.
  clock.advance(6001);
  await ask(lasting);
  const refused = [
    await ask(token),
    await askBare(list),
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

test('operations that are answered again count for their caller like all others', async () => {
  const issuer = await startIssuer();
  const server = await startFor(issuer, { env: { CALLER_RATE_PER_MINUTE: '5' } });
  const { ask } = server;
  const token = await issuer.mint();
  const codes = [];
  for (let times = 0; times < 7; times += 1) codes.push(codeOf(await ask(token)));
  expect(codes).toEqual(['OK', 'OK', 'OK', 'OK', 'OK', 'RATE_LIMITED', 'RATE_LIMITED']);
  expect(await figure(server, 'enviaai_answers_reused_total')).toBeGreaterThanOrEqual(1);
  const other = await issuer.mint({ claims: { sub: 'user-2' } });
  expect(codeOf(await ask(other))).toBe('OK');
});
