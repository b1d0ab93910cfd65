import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { always, type UpstreamHandler } from '#test/support/upstream.ts';
import {
  expectTold,
  expectWell,
  list,
  rowsOf,
  startBehind,
  vendorOf,
} from '#test/support/faults/faulty.ts';

const html = { 'content-type': 'text/html' };
const page = '<html><h1>Access denied</h1>secret</html>';
const error = (code: string, more = {}) => ({ success: false, error: { code, ...more } });

/** Refusals by somebody else than EnviaAI, and by EnviaAI for reasons that it does not document. */
const outages: readonly (readonly [string, UpstreamHandler])[] = [
  ['a 403 page of a firewall', always(403, page, html)],
  ['a 401 page of a proxy', always(401, page, html)],
  [
    'a 401 of a proxy with WWW-Authenticate',
    always(401, page, { ...html, 'www-authenticate': 'Basic realm="proxy"' }),
  ],
  ['a 407', always(407, page, { ...html, 'proxy-authenticate': 'Basic realm="proxy"' })],
  ['a 407 with a documented code', always(407, error('invalid_api_key'))],
  ['an empty 401', always(401, '')],
  ['an empty 403', always(403, '')],
  ['a 403 of null', always(403, 'null')],
  ['a 403 of cut JSON', always(403, '{"success":false,"error":{"code":"insufficient')],
  ['a 401 whose error is a string', always(401, { success: false, error: 'invalid_api_key' })],
  ['a 401 with the code beside it', always(401, { code: 'invalid_api_key', message: 'secret' })],
  ['a 401 without a code', always(401, { success: false, error: { message: 'secret' } })],
  ['a 401 with an unknown code', always(401, error('token_revoked'))],
  ['a 403 with an unknown code', always(403, error('account_suspended'))],
  ['a 403 with the code of a prototype', always(403, error('__proto__'))],
  ['a 403 in a list', always(403, [error('insufficient_permissions')])],
  ['a 401 of compressed garbage', always(401, page, { 'content-encoding': 'gzip' })],
  ['a 401 in an unknown encoding', always(401, error('x'), { 'content-encoding': 'zstd' })],
  [
    'a 401 that contradicts itself',
    always(401, { success: true, error: { code: 'invalid_api_key' } }),
  ],
  ['a 400 page of a proxy', always(400, page, html)],
  ['an empty 400', always(400, '')],
  ['a 403 whose wait is beyond an hour', always(403, page, { ...html, 'retry-after': '86400' })],
];

async function startServed(fault: UpstreamHandler) {
  const clock = createTestClock();
  const server = await startBehind(vendorOf(rowsOf(3)), { clock });
  await expectWell(server);
  const before = server.upstream.calls.length;
  server.turn(fault);
  clock.advance(3000);
  return { server, clock, calls: () => server.upstream.calls.length - before };
}

test.for(outages)(
  '%s is an outage: it drops no rows, blames no key and opens the circuit breaker',
  async ([, fault]) => {
    const { server, clock, calls } = await startServed(fault);
    for (let asked = 0; asked < 8; asked += 1) {
      const { data, errors, extensions } = await server.query(list);
      expect([data.instances?.totalCount, errors]).toEqual([3, undefined]);
      expect(extensions?.enviaai?.stale).toBe(true);
    }
    // Not retried; the breaker opens after five, like for any other fault.
    expect(calls()).toBe(5);
    clock.advance(57_001);
    expectTold(await server.query(list), { code: 'UPSTREAM_UNAVAILABLE' });
    expect(calls()).toBe(6);
    clock.advance(2000);
    await expectWell(server);
  },
);

const waits: readonly (readonly [string, UpstreamHandler])[] = [
  ['a 403 page of a captive portal', always(403, page, { ...html, 'retry-after': '30' })],
  ['an empty 401', always(401, '', { 'retry-after': '30' })],
  ['a 403 with an unknown code and a wait', always(403, error('slow_down', { retryAfter: 30 }))],
  ['a 429 page of a proxy', always(429, page, { ...html, 'retry-after': '30' })],
  [
    'a 429 with the code of a refused key',
    always(429, error('invalid_api_key', { retryAfter: 30 })),
  ],
  [
    'a 403 with a budget of 0',
    (_, response) => {
      const reset = String(Date.UTC(2026, 0, 1) / 1000 + 33);
      response.sendDate = false;
      response.writeHead(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset });
      response.end(page);
    },
  ],
];

test.for(waits)(
  '%s with a time pauses the calls of this key until then, and drops no rows',
  async ([, fault]) => {
    const { server, clock, calls } = await startServed(fault);
    for (let asked = 0; asked < 3; asked += 1) {
      const { data, errors, extensions } = await server.query(list);
      expect([data.instances?.totalCount, errors]).toEqual([3, undefined]);
      expect(extensions?.enviaai?.stale).toBe(true);
    }
    expect(calls()).toBe(1);
    expectTold(await server.query('{ instance(id: "unknown") { id } }'), {
      code: 'RATE_LIMITED',
      retryAfter: 30,
    });
    // Another key is not paused: it learns by a call whether it is limited, too.
    const other = { authorization: 'Bearer other' };
    server.turn();
    expect((await server.query(list, {}, other)).errors).toBeUndefined();
    expect(calls()).toBe(2);
    clock.advance(30_000);
    await expectWell(server);
  },
);

const verdicts = [
  [401, 'invalid_api_key', 'UNAUTHENTICATED'],
  [401, 'missing_api_key', 'UNAUTHENTICATED'],
  [401, 'expired_api_key', 'UNAUTHENTICATED'],
  [403, 'insufficient_permissions', 'FORBIDDEN'],
  [400, 'missing_api_key', 'UNAUTHENTICATED'],
  [200, 'invalid_api_key', 'UNAUTHENTICATED'],
  [200, 'insufficient_permissions', 'FORBIDDEN'],
] as const;

test.for(
  verdicts.flatMap((verdict) =>
    [true, false].map((compressed) => [...verdict, compressed] as const),
  ),
)(
  '%i %s in the envelope of EnviaAI refuses the key: %s, and drops its rows (compressed: %s)',
  async ([status, upstreamCode, code, compressed]) => {
    const body = JSON.stringify(error(upstreamCode, { message: 'secret', requestId: 'req_1' }));
    const { server, clock, calls } = await startServed(
      compressed
        ? always(status, gzipSync(body), { 'content-encoding': 'gzip' })
        : always(status, body),
    );
    expectTold(await server.query(list), { code, upstreamCode });
    server.turn();
    expectTold(await server.query(list), { code, upstreamCode });
    expect(calls()).toBe(1);
    clock.advance(5001);
    await expectWell(server);
  },
);

test('a 400 with a documented code is BAD_USER_INPUT; with another one EnviaAI refuses the call', async () => {
  for (const [upstreamCode, code] of [
    ['invalid_parameters', 'BAD_USER_INPUT'],
    ['too_strange', 'UPSTREAM_ERROR'],
  ] as const) {
    const server = await startBehind(always(400, error(upstreamCode)));
    expectTold(await server.query(list), { code, upstreamCode });
    expect(server.upstream.calls).toHaveLength(1);
  }
});

test.for([500, 503])('a %i with the code of a refused key refuses no key', async (status) => {
  const { server } = await startServed(always(status, error('invalid_api_key')));
  const { data, errors, extensions } = await server.query(list);
  expect([data.instances?.totalCount, errors]).toEqual([3, undefined]);
  expect(extensions?.enviaai?.stale).toBe(true);
});

test.for([
  [
    'breaks off',
    (response: { destroy(): unknown }) => void setTimeout(() => response.destroy(), 20),
  ],
  ['never ends', () => {}],
] as const)('a 401 whose body %s refuses no key', async ([, end]) => {
  const clock = createTestClock();
  const server = await startBehind(vendorOf(rowsOf(3)), {
    clock,
    env: { ENVIAAI_TIMEOUT_MS: '150' },
  });
  await expectWell(server);
  server.turn((_, response) => {
    response.writeHead(401, { 'content-length': '500' });
    response.write('{"success":false,"error":{"code":"invalid_api_key"');
    end(response);
  });
  clock.advance(3000);
  const { data, errors, extensions } = await server.query(list);
  expect([data.instances?.totalCount, errors]).toEqual([3, undefined]);
  expect(extensions?.enviaai?.stale).toBe(true);
});

test('with the key of the server, a proxy that refuses it is an outage, too', async () => {
  const env = { AUTH: 'none', ENVIAAI_API_KEY: 'server-key' };
  const server = await startBehind(always(403, page, html), { env });
  expectTold(await server.query(list), { code: 'UPSTREAM_UNAVAILABLE' });
});
