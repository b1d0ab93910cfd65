import { expect, test } from 'vitest';
import { figure } from '#test/support/budget/figure.ts';
import { dataOf, fullList, startCaching } from '#test/support/response-cache/caching-server.ts';

const share = 256 * 1024;

/** No id is as long: it costs no call. */
const tooLong = 'x'.repeat(129);

test('cached responses take at most a quarter of CACHE_MAX_MB', async () => {
  const server = await startCaching({
    instances: 100,
    env: { CACHE_MAX_MB: '1', LOG_LEVEL: 'silent' },
  });
  const document =
    'query ($first: Int, $ids: [ID!]!) { instances(first: $first) { nodes { id name phone } } nodes(ids: $ids) { id } }';
  let maxBytes = 0;
  for (let first = 1; first <= 100; first += 1) {
    await server.query(document, { first, ids: [tooLong + first] });
    if (first % 10) continue;
    const bytes = await figure(server, 'enviaai_answers_bytes');
    expect(bytes).toBeLessThanOrEqual(share);
    maxBytes = Math.max(maxBytes, bytes);
  }
  expect(maxBytes).toBeGreaterThan(share / 2);
  const rows = await figure(server, 'enviaai_pages_bytes');
  expect(maxBytes + rows).toBeLessThanOrEqual(1024 * 1024);

  // The most recent responses are cached, and the first ones are evicted.
  await server.query(document, { first: 100, ids: [tooLong + 100] });
  expect(await server.hits()).toBe(1);
  await server.query(document, { first: 1, ids: [tooLong + 1] });
  expect(await server.hits()).toBe(1);
  expect(server.calls()).toHaveLength(1);
});

test('the bound is for the responses of all keys together, and each key gets its rows', async () => {
  const server = await startCaching({
    instances: 30,
    env: { CACHE_MAX_MB: '1', LOG_LEVEL: 'silent' },
  });
  const ask = (key: number) => server.query(fullList, {}, { authorization: `Bearer k${key}` });
  const first = new Map<number, string>();
  for (let key = 0; key < 40; key += 1) {
    first.set(key, dataOf(await ask(key)));
    expect(await figure(server, 'enviaai_answers_bytes')).toBeLessThanOrEqual(share);
  }
  // A cursor contains a digest of its key, so the data differs.
  expect(new Set(first.values()).size).toBe(40);
  for (const [key, data] of first) expect(dataOf(await ask(key))).toBe(data);
});

test('a response that is larger than the whole cache is not cached', async () => {
  const server = await startCaching({
    instances: 100,
    env: { CACHE_MAX_MB: '1', LOG_LEVEL: 'silent' },
  });
  const aliases = Array.from({ length: 12 }, (_, at) => `a${at}: instances(first: 100) { ...All }`);
  const large = `{ ${aliases.join(' ')} } fragment All on InstanceConnection { edges { cursor node { id name phone profilePicUrl webhookUrl createdAt } } }`;
  const first = await server.query(large);
  expect(first.text.length).toBeGreaterThan(share);
  expect(dataOf(await server.query(large))).toBe(dataOf(first));
  expect(await server.hits()).toBe(0);
  expect(await figure(server, 'enviaai_answers_bytes')).toBe(0);
  expect(server.calls()).toHaveLength(1);
});
