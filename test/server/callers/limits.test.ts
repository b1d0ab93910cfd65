import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { startWithIssuer, startIssuer } from '#test/support/callers/issuer.ts';

const list = '{ instances { totalCount } }';
const limited = { code: 'RATE_LIMITED', retryAfter: expect.any(Number) as unknown };

type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof start>>['query']>>;
const codesOf = (answers: readonly Answer[]) =>
  answers.map(({ errors }) => errors?.[0]?.extensions['code'] ?? 'OK');

/** A server with `AUTH=none` that allows each caller two operations a minute. */
async function startWithoutAuth(trustProxy: string) {
  const server = await start({
    env: {
      AUTH: 'none',
      ENVIAAI_API_KEY: 'server',
      CALLER_RATE_PER_MINUTE: '2',
      TRUST_PROXY: trustProxy,
    },
  });
  const from = (forwarded: string, query = list) =>
    server.query(query, {}, { 'x-forwarded-for': forwarded });
  const askEach = async (...forwarded: string[]) => {
    const answers: Answer[] = [];
    for (const each of forwarded) answers.push(await from(each));
    return codesOf(answers);
  };
  return { ...server, from, askEach, calls: () => server.calls('server') };
}

test('a subject over its limit gets RATE_LIMITED with retryAfter, and causes no call', async () => {
  const issuer = await startIssuer();
  const env = { CALLER_RATE_PER_MINUTE: '2', FRESH_MS: '0' };
  const { ask, calls } = await startWithIssuer(issuer, { env });
  // Another token of the same subject is the same caller.
  for (const jti of ['1', '2']) await ask(await issuer.mint({ claims: { jti } }));
  const { data, errors } = await ask(await issuer.mint({ claims: { jti: '3' } }));

  expect(data).toEqual({ instances: null });
  expect(errors?.map(({ extensions }) => extensions)).toEqual([limited]);
  const retryAfter = Number(errors?.[0]?.extensions['retryAfter']);
  expect(retryAfter).toBeGreaterThan(0);
  expect(retryAfter).toBeLessThanOrEqual(60);
  expect(errors?.[0]?.message).toContain('This caller sends too many operations');
  expect(calls()).toHaveLength(2);
});

test('a subject at its limit does not affect another', async () => {
  const issuer = await startIssuer();
  const { ask } = await startWithIssuer(issuer, { env: { CALLER_RATE_PER_MINUTE: '2' } });
  const busy = await issuer.mint();
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(busy)));
  expect(codesOf(answers).filter((code) => code === 'OK')).toHaveLength(2);
  const other = await issuer.mint({ claims: { sub: 'user-2' } });
  expect((await ask(other)).errors).toBeUndefined();
});

test('only operations that read instances are counted, and only for valid tokens', async () => {
  const issuer = await startIssuer();
  const { ask } = await startWithIssuer(issuer, { env: { CALLER_RATE_PER_MINUTE: '1' } });
  const token = await issuer.mint();
  for (const query of ['{ __typename }', '{ _service { sdl } }', '{ nonsense }', '{']) {
    await ask(token, query);
  }
  await ask(await issuer.mint({ claims: { exp: 1 } }));
  expect(codesOf([await ask(token), await ask(token)])).toEqual(['OK', 'RATE_LIMITED']);
  expect((await ask(token, '{ __typename }')).errors).toBeUndefined();
});

test('without a trusted proxy, X-Forwarded-For does not change the caller', async () => {
  const { askEach } = await startWithoutAuth('0');
  expect(await askEach('1.1.1.1', '2.2.2.2', '3.3.3.3')).toEqual(['OK', 'OK', 'RATE_LIMITED']);
});

test('behind one proxy, callers are distinguished by the entry of the proxy', async () => {
  const { askEach } = await startWithoutAuth('1');
  expect(await askEach('1.1.1.1, 192.0.2.1', '2.2.2.2, 192.0.2.1', '192.0.2.1')).toEqual([
    'OK',
    'OK',
    'RATE_LIMITED',
  ]);
  expect(await askEach('192.0.2.1, 192.0.2.2')).toEqual(['OK']);
});

test('behind two proxies, callers are distinguished by the entry of the outer proxy', async () => {
  const { askEach } = await startWithoutAuth('2');
  const inner = '10.0.0.1';
  expect(
    await askEach(
      `1.1.1.1, 192.0.2.1, ${inner}`,
      `2.2.2.2, 192.0.2.1, ${inner}`,
      `192.0.2.1, ${inner}`,
      `192.0.2.2, ${inner}`,
    ),
  ).toEqual(['OK', 'OK', 'RATE_LIMITED', 'OK']);
});

test('with AUTH=none, a key that a caller sends is not used', async () => {
  const server = await startWithoutAuth('0');
  const { data } = await server.query(list, {}, { authorization: 'Bearer sk_live_theirs' });
  expect(data.instances.totalCount).toBe(3);
  expect(server.calls()).toHaveLength(1);
  expect(server.log.join('')).not.toContain('sk_live_theirs');
});

test('callers who send their EnviaAI key are not limited', async () => {
  const server = await start({ env: { CALLER_RATE_PER_MINUTE: '1' } });
  const answers = [await server.query(list), await server.query(list)];
  expect(codesOf(answers)).toEqual(['OK', 'OK']);
});

test('with CALLER_RATE_PER_MINUTE=0, callers are not limited', async () => {
  const server = await start({
    env: { AUTH: 'none', ENVIAAI_API_KEY: 'server', CALLER_RATE_PER_MINUTE: '0' },
  });
  const answers = await Promise.all(Array.from({ length: 400 }, () => server.query(list)));
  expect(new Set(codesOf(answers))).toEqual(new Set(['OK']));
});
