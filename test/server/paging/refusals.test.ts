import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { as } from '#test/support/paging/walk.ts';

const list = '{ instances { totalCount } }';

test.for(['invalid', 'expired'])(
  'the key "%s", refused upstream, is UNAUTHENTICATED with the code the upstream gave',
  async (key) => {
    const server = await start();
    const { status, data, errors } = await server.query(list, {}, as(key));
    expect([status, data]).toEqual([200, { instances: null }]);
    expect(errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED', upstreamCode: `${key}_api_key` } },
    ]);
    expect(server.calls(key)).toHaveLength(1);
  },
);

test('a key that may not read is FORBIDDEN', async () => {
  const server = await start();
  const { errors } = await server.query(list, {}, as('forbidden'));
  expect(errors).toMatchObject([
    { extensions: { code: 'FORBIDDEN', upstreamCode: 'insufficient_permissions' } },
  ]);
});

test.for(['', 'Basic dXNlcjpwYXNz', 'Bearer', 'Bearer two words'])(
  'without a key ("%s") nothing is read, and no call is made',
  async (authorization) => {
    const server = await start();
    const { errors } = await server.query(list, {}, { authorization });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(errors?.[0]?.extensions).not.toHaveProperty('upstreamCode');
    expect(server.calls('')).toEqual([]);
  },
);

test('what reads nothing needs no key', async () => {
  const server = await start();
  const { data, errors } = await server.query(
    '{ __typename service: _service { sdl } __schema { queryType { name } } }',
    {},
    { authorization: '' },
  );
  expect(errors).toBeUndefined();
  expect(data.service.sdl).toContain('type Instance');
});

test('one failed call costs its own field, and leaves the neighbours their answers', async () => {
  const server = await start({ instances: 300 });
  server.sandbox.control.fail({ key: 'test', times: 1, status: 500 });
  const { data, errors } = await server.query(/* GraphQL */ `
    {
      all: instances(first: 1) {
        totalCount
      }
      connecting: instances(status: CONNECTING, first: 1) {
        totalCount
      }
      rateLimit {
        limit
      }
    }
  `);
  const failed = Object.keys(data).filter((field) => data[field] === null);
  expect(failed).toHaveLength(1);
  expect(data.rateLimit).toEqual({ limit: 1000 });
  expect(errors).toMatchObject([{ path: failed, extensions: { code: 'UPSTREAM_ERROR' } }]);
});

test.for([
  [{ status: 500 }, { code: 'UPSTREAM_ERROR' }],
  [{ status: 503 }, { code: 'UPSTREAM_UNAVAILABLE' }],
  [{ mode: 'reset' }, { code: 'UPSTREAM_UNAVAILABLE' }],
  [{ mode: 'html' }, { code: 'UPSTREAM_UNAVAILABLE' }],
  [{ mode: 'truncate' }, { code: 'UPSTREAM_UNAVAILABLE' }],
  [{ mode: 'invalid-json' }, { code: 'UPSTREAM_INVALID_RESPONSE' }],
  [
    { status: 429, retryAfter: 7 },
    { code: 'RATE_LIMITED', retryAfter: 7 },
  ],
] as const)('an upstream that fails by %o is told as %o', async ([fault, told]) => {
  const server = await start();
  // As often as one read may try.
  server.sandbox.control.fail({ key: 'test', times: 3, ...fault });
  const { data, errors } = await server.query(list);
  expect(data).toEqual({ instances: null });
  expect(errors).toMatchObject([{ path: ['instances'], extensions: told }]);
  expect(JSON.stringify(errors)).not.toMatch(/sandbox|127\.0\.0\.1|localhost|\bat [^"]*:\d/);
});

test('a budget of 50 is never overdrawn, and who comes too late is told when to come back', async () => {
  const env = { FRESH_MS: '0', STALE_MS: '0' };
  const clock = createTestClock();
  const server = await start({ ratePerMinute: 50, env, clock });
  const answers = [];
  for (let count = 0; count < 60; count += 1) {
    clock.advance(1);
    answers.push(await server.query(list));
  }

  expect(answers.filter(({ data }) => data.instances !== null)).toHaveLength(50);
  expect(server.calls()).toHaveLength(50);
  // The vendor tells the end of its minute in whole seconds, the next one up.
  expect(answers.at(-1)?.errors).toMatchObject([
    { extensions: { code: 'RATE_LIMITED', retryAfter: 61 } },
  ]);
});
