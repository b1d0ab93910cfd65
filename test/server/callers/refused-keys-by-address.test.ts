import { expect, onTestFinished, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { startUpstream } from '#test/support/upstream.ts';

const list = '{ instances { totalCount } }';

type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof start>>['query']>>;
const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions['code'] ?? 'OK';

const page = {
  success: true,
  data: [],
  pagination: { total: 0, limit: 100, offset: 0, hasMore: false },
};
const refusal = { success: false, error: { code: 'invalid_api_key', message: 'no' } };

/** A server whose upstream accepts only keys that begin with `good`. */
async function startWithVendor() {
  const clock = createTestClock();
  const upstream = await startUpstream((request, response) => {
    const isGood = request.headers.authorization?.startsWith('Bearer good');
    response.writeHead(isGood ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isGood ? page : refusal));
  });
  onTestFinished(() => upstream.close());
  const env = { TRUST_PROXY: '1', ENVIAAI_RATE_PER_MINUTE: '1000' };
  const server = await start({ clock, upstream: upstream.url.href, env });
  const as = (key: string, address = '192.0.2.1', query = list) =>
    server.query(query, {}, { authorization: `Bearer ${key}`, 'x-forwarded-for': address });
  const junk = (count: number, from = 0) =>
    Promise.all(Array.from({ length: count }, (_, index) => as(`junk${from + index}`)));
  const calls = (key: string) =>
    upstream.calls.filter(({ headers }) => headers.authorization?.startsWith(`Bearer ${key}`));
  return { clock, as, junk, calls };
}

test('600 junk keys of one address at once cost the 30 calls of a minute and those in flight', async () => {
  const { junk, calls } = await startWithVendor();
  const answers = await junk(600);
  const tried = calls('junk').length;
  expect(tried).toBeGreaterThanOrEqual(30);
  expect(tried).toBeLessThan(280);
  expect(answers.filter((answer) => codeOf(answer) === 'UNAUTHENTICATED')).toHaveLength(tried);
  const limited = answers.find((answer) => codeOf(answer) === 'RATE_LIMITED');
  expect(limited?.errors?.[0]?.extensions?.['retryAfter']).toBeLessThanOrEqual(62);
  expect(limited?.errors?.[0]?.message).toContain('too many API keys from this address');
});

test('junk keys one after the other cost 30 calls, and 30 a minute from then on', async () => {
  const { clock, as, calls } = await startWithVendor();
  for (let key = 0; key < 100; key += 1) await as(`junk${key}`);
  expect(calls('junk')).toHaveLength(30);
  for (let key = 100; key < 220; key += 1) {
    clock.advance(500);
    await as(`junk${key}`);
  }
  expect(calls('junk')).toHaveLength(60);
});

test('junk keys that send several calls each take a token for each call', async () => {
  const { clock, as, calls } = await startWithVendor();
  const ids = Array.from({ length: 20 }, (_, id) => `a${id}: instance(id: "inst_${id}") { id }`);
  const query = `{ ${ids.join(' ')} }`;
  for (let key = 0; key < 50; key += 1) await as(`junk${key}`, '192.0.2.1', query);
  const first = calls('junk').length;
  expect(first).toBeGreaterThanOrEqual(30);
  expect(first).toBeLessThan(60);
  clock.advance(60_000);
  for (let key = 50; key < 100; key += 1) await as(`junk${key}`, '192.0.2.1', query);
  expect(calls('junk').length).toBeLessThan(first + 60);
});

test('keys that worked before are served behind the address of the junk keys', async () => {
  const { clock, as, junk, calls } = await startWithVendor();
  await as('good1');
  await junk(600);
  clock.advance(3000);
  expect(codeOf(await as('good1'))).toBe('OK');
  expect(calls('good1')).toHaveLength(2);
});

test('a new key behind the address of the junk keys is served at its retry', async () => {
  const { clock, as, junk } = await startWithVendor();
  await junk(600);
  const { errors } = await as('good2');
  const { code, retryAfter } = errors?.[0]?.extensions ?? {};
  expect(code).toBe('RATE_LIMITED');
  clock.advance(Number(retryAfter) * 1000);
  expect(codeOf(await as('good2'))).toBe('OK');
});

test('junk keys of one address do not limit the keys of another', async () => {
  const { as, junk } = await startWithVendor();
  await junk(600);
  expect(codeOf(await as('good', '192.0.2.2'))).toBe('OK');
});

test('200 new keys of one address are all served at once if EnviaAI accepts them', async () => {
  const { as } = await startWithVendor();
  const answers = await Promise.all(Array.from({ length: 200 }, (_, key) => as(`good${key}`)));
  expect(answers.filter((answer) => codeOf(answer) !== 'OK')).toEqual([]);
});

test('a key that EnviaAI no longer accepts is on trial again', async () => {
  const clock = createTestClock();
  const server = await start({ clock });
  await server.query(list);
  for (let second = 0; second < 60; second += 6) {
    server.sandbox.control.fail({ key: 'test', status: 401 });
    clock.advance(6000);
    expect(codeOf(await server.query(list))).toBe('UNAUTHENTICATED');
  }
  clock.advance(6000);
  expect(codeOf(await server.query(list))).toBe('OK');
});
