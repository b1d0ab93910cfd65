import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { always } from '#test/support/upstream.ts';
import {
  expectTold,
  expectWell,
  list,
  rowsOf,
  startBehind,
  vendorOf,
} from '#test/support/faults/faulty.ts';

const refusal = (retryAfter?: unknown) => ({
  success: false,
  error: { code: 'rate_limit_exceeded', message: 'secret', retryAfter },
});

test.for([
  ['in its body', refusal(7), {}, 7],
  ['in its body, as text', refusal('9'), {}, 9],
  ['in its header', refusal(), { 'retry-after': '11' }, 11],
  ['in both: the body counts', refusal(7), { 'retry-after': '11' }, 7],
  ['nowhere', refusal(), {}, 60],
  ['in its header, without a body', '', { 'retry-after': '5' }, 5],
  ['nowhere, in a page', '<html>', {}, 60],
  ['as 0', refusal(0), {}, 60],
  ['below 0', refusal(-1), {}, 60],
  ['beyond an hour', refusal(86_400), {}, 60],
  ['as no number', refusal('soon'), {}, 60],
  ['as null', refusal(null), {}, 60],
  ['as a list', refusal([7]), {}, 60],
] as const)(
  'a 429 that says when to come back %s is told so, and asked about no more before',
  async ([, body, headers, retryAfter]) => {
    const clock = createTestClock();
    const server = await startBehind(always(429, body, headers), { clock });
    for (let asked = 0; asked < 3; asked += 1) {
      expectTold(await server.query(list), { code: 'RATE_LIMITED', retryAfter });
    }
    expect(server.upstream.calls).toHaveLength(1);

    // A window's end is waited for where it is within moments: not that near yet.
    clock.advance(retryAfter * 1000 - 2001);
    if (retryAfter > 2) {
      expectTold(await server.query(list), { code: 'RATE_LIMITED', retryAfter: 3 });
    }
    clock.advance(2001);
    await expectWell(server);
  },
);

test('when the time that a 429 named is over, one call of many looks whether that is true', async () => {
  const clock = createTestClock();
  const server = await startBehind(always(429, refusal(3)), { clock, env: { FRESH_MS: '0' } });
  const askAll = () =>
    Promise.all(
      rowsOf(20).map(({ id }) => server.query(`{ instance(id: "${String(id)}") { id } }`)),
    );
  expectTold(await server.query(list), { code: 'RATE_LIMITED', retryAfter: 3 });
  for (let round = 1; round <= 2; round += 1) {
    clock.advance(3000);
    for (const answer of await askAll())
      expectTold(answer, { code: 'RATE_LIMITED', retryAfter: 3 });
    expect(server.upstream.calls).toHaveLength(1 + round);
  }
  server.turn(vendorOf(rowsOf(20)));
  clock.advance(3000);
  for (const { errors } of await askAll()) expect(errors).toBeUndefined();
  expect(server.upstream.calls).toHaveLength(3 + 20);
});

test('a 429 for one key is nothing to another', async () => {
  const server = await startBehind(always(429, refusal(30)));
  expectTold(await server.query(list), { code: 'RATE_LIMITED' });
  server.turn();
  const { data } = await server.query(list, {}, { authorization: 'Bearer another' });
  expect(data.instances.totalCount).toBe(3);
  expectTold(await server.query(list), { code: 'RATE_LIMITED' });
});

test.for([
  ['limit', { 'x-ratelimit-limit': '2147483648' }],
  ['limit of fifteen digits', { 'x-ratelimit-limit': '999999999999999' }],
  ['remaining count', { 'x-ratelimit-remaining': '2147483648' }],
  ['limit and count', { 'x-ratelimit-limit': '3000000000', 'x-ratelimit-remaining': '2999999999' }],
] as const)('a %s beyond the Int of GraphQL is not believed', async ([, headers]) => {
  const reset = String(Math.ceil(Date.now() / 1000) + 30);
  const rows = JSON.stringify({ success: true, data: [], pagination: { total: 0 } });
  const believed = { 'x-ratelimit-limit': '2147483647', 'x-ratelimit-remaining': '2147483646' };
  const known = { ...believed, 'x-ratelimit-reset': reset };
  const server = await startBehind(always(200, rows, { ...known, ...headers }), {
    env: { FRESH_MS: '0' },
  });
  const document = '{ instances { totalCount } rateLimit { limit remaining } }';
  const { data, errors } = await server.query(document);
  expect([data.rateLimit, errors]).toEqual([null, undefined]);
  server.turn(always(200, rows, known));
  expect((await server.query(document)).data.rateLimit).toEqual({
    limit: 2_147_483_647,
    remaining: 2_147_483_646,
  });
});

test.for([
  ['no number', { limit: 'many', remaining: 'some', reset: 'soon' }],
  ['0 of 0, for ever', { limit: '0', remaining: '0', reset: '99999999999999' }],
  ['negative', { limit: '-50', remaining: '-1', reset: '-1' }],
  ['endless', { limit: '9'.repeat(400), remaining: '9'.repeat(400), reset: '9'.repeat(400) }],
  ['of a time long past', { limit: '50', remaining: '0', reset: '1' }],
] as const)('a budget told as %s stops nobody', async ([, { limit, remaining, reset }]) => {
  const rows = JSON.stringify({ success: true, data: [], pagination: { total: 0 } });
  const server = await startBehind(
    always(200, rows, {
      'x-ratelimit-limit': limit,
      'x-ratelimit-remaining': remaining,
      'x-ratelimit-reset': reset,
    }),
    { env: { FRESH_MS: '0', ENVIAAI_RATE_PER_MINUTE: '50' } },
  );
  for (let asked = 0; asked < 10; asked += 1) {
    const { data, errors } = await server.query('{ instances { totalCount } }');
    expect([data, errors]).toEqual([{ instances: { totalCount: 0 } }, undefined]);
  }
  const { errors } = await server.query('{ rateLimit { limit remaining resetAt } }');
  expect(errors).toBeUndefined();
});
