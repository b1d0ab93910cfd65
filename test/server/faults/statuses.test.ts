import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { always } from '#test/support/upstream.ts';
import { expectTold, expectWell, list, single, startBehind } from '#test/support/faults/faulty.ts';

const refused = [
  402, 404, 405, 406, 408, 409, 410, 413, 414, 415, 418, 421, 422, 423, 425, 426, 431, 451, 499,
  500, 501, 505, 507, 508, 511, 520, 521, 522, 525, 530, 599,
];
const page = '<html><h1>secret</h1> at proxy.js:1:1</html>';

test.for(refused)(
  'a list refused with %i is UPSTREAM_ERROR, at the first attempt',
  async (code) => {
    const server = await startBehind(always(code, page, { 'content-type': 'text/html' }));
    expectTold(await server.query(list), { code: 'UPSTREAM_ERROR' });
    expect(server.upstream.calls).toHaveLength(1);
    await expectWell(server);
  },
);

test.for([404, 410, 500])(
  'an instance refused with %i by a proxy is UPSTREAM_ERROR, not null',
  async (code) => {
    const server = await startBehind(always(code, page, { 'content-type': 'text/html' }));
    expectTold(await server.query(single), { code: 'UPSTREAM_ERROR' });
    expect(server.upstream.calls).toHaveLength(1);
    await expectWell(server);
  },
);

test.for([list, single].flatMap((ask) => [502, 503, 504].map((code) => [code, ask] as const)))(
  '%i is tried twice again, and then UPSTREAM_UNAVAILABLE: %s',
  async ([code, ask]) => {
    const server = await startBehind(always(code, page));
    expectTold(await server.query(ask), { code: 'UPSTREAM_UNAVAILABLE' });
    expect(server.upstream.calls).toHaveLength(3);
    await expectWell(server);
  },
);

test.for([502, 503, 504])('one %i, or two, are made good without a word', async (code) => {
  let left = 2;
  const server = await startBehind((request, response) => {
    if (--left === 0) server.turn();
    return always(code, page)(request, response);
  });
  const { data, errors, extensions } = await server.query(list);
  expect(errors).toBeUndefined();
  expect(data.instances.totalCount).toBe(3);
  expect(server.upstream.calls).toHaveLength(3);
  expect(extensions?.enviaai?.calls).toBe(3);
});

test('a 503 that says when to come back is not asked again before, and the client is told', async () => {
  const server = await startBehind(always(503, page, { 'retry-after': '7' }));
  expectTold(await server.query(list), { code: 'UPSTREAM_UNAVAILABLE', retryAfter: 7 });
  expect(server.upstream.calls).toHaveLength(1);
  await expectWell(server);
});

test.for([
  ['invalid_api_key', 'UNAUTHENTICATED'],
  ['insufficient_permissions', 'FORBIDDEN'],
  ['invalid_parameters', 'BAD_USER_INPUT'],
  ['rate_limit_exceeded', 'RATE_LIMITED'],
  ['database_error', 'UPSTREAM_ERROR'],
  ['__proto__', 'UPSTREAM_ERROR'],
  ['constructor', 'UPSTREAM_ERROR'],
] as const)('success:false with 200 and the code %s is %s', async ([code, told]) => {
  const clock = createTestClock();
  const body = { success: false, error: { code, message: 'secret', requestId: 'req_1' } };
  const server = await startBehind(always(200, body), { clock });
  expectTold(await server.query(list), { code: told });
  expect(server.upstream.calls).toHaveLength(1);
  clock.advance(60_001);
  await expectWell(server);
});

test.for([204, 205])('%i, that there is no content, is UPSTREAM_INVALID_RESPONSE', async (code) => {
  const server = await startBehind((_, response) => void response.writeHead(code).end());
  expectTold(await server.query(list), { code: 'UPSTREAM_INVALID_RESPONSE' });
  expect(server.upstream.calls).toHaveLength(1);
  await expectWell(server);
});
