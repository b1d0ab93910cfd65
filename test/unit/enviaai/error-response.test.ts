import { describe, expect, test } from 'vitest';
import type { FailureKind } from '#src/domain/failure.ts';
import { always, startUpstream } from '#test/support/upstream.ts';
import { adapt, caller, failureOf, firstPage } from '#test/support/enviaai/adapter.ts';

/** The two documented envelopes of an error. */
const envelopes = {
  overview: (code: string | undefined, more = {}) => ({
    success: false,
    error: { code, message: 'key sk_live_secret at db.internal', requestId: 'req_abc123', ...more },
  }),
  authentication: (code: string | undefined, more = {}) => ({
    error: { code, message: 'key sk_live_secret at db.internal', ...more },
  }),
};

const documented: readonly (readonly [number, string | undefined, FailureKind])[] = [
  [400, 'invalid_parameters', 'bad-input'],
  [401, 'invalid_api_key', 'unauthorized'],
  [401, 'missing_api_key', 'unauthorized'],
  [401, 'expired_api_key', 'unauthorized'],
  [403, 'insufficient_permissions', 'forbidden'],
  [404, 'instance_not_found', 'refused'],
  [429, 'rate_limit_exceeded', 'rate-limited'],
  [500, undefined, 'refused'],
  [409, 'already_connected', 'refused'],
  [409, 'instance_not_connected', 'refused'],
  [409, 'official_api_instance', 'refused'],
  [400, 'invalid_webhook_url', 'refused'],
  // The code takes precedence over the status.
  [400, 'expired_api_key', 'unauthorized'],
  [500, 'rate_limit_exceeded', 'rate-limited'],
  [200, 'insufficient_permissions', 'forbidden'],
  // No code that is not documented refuses a key, and no fault, rate limit or proxy does.
  [400, 'constructor', 'refused'],
  [401, 'token_revoked', 'unavailable'],
  [401, 'constructor', 'unavailable'],
  [403, 'account_suspended', 'unavailable'],
  [403, undefined, 'unavailable'],
  [407, 'missing_api_key', 'unavailable'],
  [429, 'invalid_api_key', 'rate-limited'],
  [500, 'invalid_api_key', 'refused'],
  [503, 'expired_api_key', 'unavailable'],
  [200, 'constructor', 'refused'],
];

describe.each(Object.entries(envelopes))('in the envelope of the %s page', (name, envelope) => {
  test.each(documented)('the list error %i %s is %s', async (status, code, kind) => {
    const { enviaai, reports } = await adapt(always(status, envelope(code)));
    const failure = await failureOf(enviaai.list(caller, firstPage));
    const upstreamRequestId = name === 'overview' ? 'req_abc123' : undefined;
    expect(failure).toMatchObject({ kind, status, upstreamCode: code, upstreamRequestId });
    expect(reports).toMatchObject([{ outcome: kind, status, upstreamCode: code ?? null }]);
    expect(JSON.stringify([failure, failure.message, failure.cause])).not.toMatch(
      /secret|internal/,
    );
  });

  test.each([
    [404, 'instance_not_found'],
    [404, undefined],
    [404, 'not_found'],
    [200, 'instance_not_found'],
  ])('the instance error %i %s means that there is none', async (status, code) => {
    const { enviaai } = await adapt(always(status, envelope(code)));
    expect((await enviaai.get(caller, 'inst_1')).row).toBeNull();
  });

  test.each(documented.filter(([, code]) => code !== 'instance_not_found'))(
    'the instance error %i %s is %s',
    async (status, code, kind) => {
      const { enviaai } = await adapt(always(status, envelope(code)));
      expect(await failureOf(enviaai.get(caller, 'inst_1'))).toMatchObject({ kind });
    },
  );
});

test.each([
  [400, 'unavailable'],
  [401, 'unavailable'],
  [403, 'unavailable'],
  [404, 'refused'],
  [407, 'unavailable'],
  [418, 'refused'],
  [429, 'rate-limited'],
  [500, 'refused'],
  [501, 'refused'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'unavailable'],
])("a proxy's page with %i is %s, for a list and for an instance", async (status, kind) => {
  const { enviaai } = await adapt(always(status, '<html>Nothing here</html>'));
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind, status });
  expect(await failureOf(enviaai.get(caller, 'inst_1'))).toMatchObject({ kind, status });
});

test.each(['"Not Found"', '{"error":"Not Found"}', '{"message":"no Route matched"}', '[]', ''])(
  'a 404 with the body %s is no proof that there is no such instance',
  async (body) => {
    const { enviaai } = await adapt(always(404, body));
    expect(await failureOf(enviaai.get(caller, 'inst_1'))).toMatchObject({ kind: 'refused' });
  },
);

test('a 404 with the code of a refused key is a refused key', async () => {
  const { enviaai } = await adapt(always(404, { error: { code: 'invalid_api_key' } }));
  expect(await failureOf(enviaai.get(caller, 'inst_1'))).toMatchObject({ kind: 'unauthorized' });
});

test.each([
  ['a string', { success: false, error: 'invalid_api_key' }],
  ['at the top level', { success: false, code: 'invalid_api_key' }],
  ['beside success: true', { success: true, error: { code: 'invalid_api_key' } }],
  ['in a list', [{ error: { code: 'invalid_api_key' } }]],
])('a 401 with a documented code as %s refuses no key', async (_, body) => {
  const { enviaai } = await adapt(always(401, body));
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'unavailable' });
});

test('a documented code is read in upper and lower case, and is passed on as documented', async () => {
  const { enviaai } = await adapt(always(401, { error: { code: 'INVALID_API_KEY' } }));
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({
    kind: 'unauthorized',
    upstreamCode: 'invalid_api_key',
  });
  const other = await adapt(always(404, { error: { code: 'Instance_Not_Found' } }));
  expect((await other.enviaai.get(caller, 'inst_1')).row).toBeNull();
});

test('200 with success: false and without a code is an error', async () => {
  const { enviaai } = await adapt(always(200, { success: false, data: [], pagination: {} }));
  expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'refused' });
});

test.each([
  ['a sentence', 'your key sk_live_secret'],
  ['a long word', 'x'.repeat(65)],
  ['two lines', 'a\nb'],
  ['a number', 7],
  ['an object', { a: 1 }],
])('a code in another form is left out: %s', async (_, code) => {
  const { enviaai } = await adapt(always(500, { error: { code, requestId: code } }));
  const failure = await failureOf(enviaai.list(caller, firstPage));
  expect(failure.upstreamCode).toBeUndefined();
});

test.each([301, 302, 303, 307, 308, 300, 304])(
  'a redirect with %i is refused, and the key is not sent to its target',
  async (status) => {
    const elsewhere = await startUpstream(always(200, { success: true, data: [] }));
    const { enviaai, upstream } = await adapt(
      always(status, { error: { code: 'instance_not_found' } }, { location: elsewhere.url.href }),
    );
    expect(await failureOf(enviaai.list(caller, firstPage))).toMatchObject({ kind: 'refused' });
    expect(await failureOf(enviaai.get(caller, 'inst_1'))).toMatchObject({
      kind: 'refused',
      status,
    });
    expect(elsewhere.calls).toEqual([]);
    expect(upstream.calls).toHaveLength(2);
    await elsewhere.close();
  },
);

describe('the wait before a retry', () => {
  const date = 'Tue, 03 Feb 2026 12:00:00 GMT';
  const cases: readonly (readonly [string, unknown, string | undefined, number | undefined])[] = [
    ['in the body', 7, undefined, 7000],
    ['in the body, as digits', '60', undefined, 60_000],
    ['in the body, with a fraction', 1.5, undefined, 1500],
    ['of an hour', 3600, undefined, 3_600_000],
    ['over an hour is ignored', 3601, undefined, undefined],
    ['under a second is ignored', 0.5, undefined, undefined],
    ['of zero is ignored', 0, undefined, undefined],
    ['below zero is ignored', -5, undefined, undefined],
    ['that is not a number is ignored', 'soon', undefined, undefined],
    ['that is null is ignored', null, undefined, undefined],
    ['that is true is ignored', true, undefined, undefined],
    ['in the header', undefined, '30', 30_000],
    [
      'in the header, as a date by the clock of EnviaAI',
      undefined,
      'Tue, 03 Feb 2026 12:00:30 GMT',
      30_000,
    ],
    ['in the header, as a date long ago', undefined, 'Tue, 03 Feb 2020 12:00:30 GMT', undefined],
    ['in the header, as words', undefined, 'in a while', undefined],
    ['in the body before the header', 7, '30', 7000],
    ['in the header, if that of the body is ignored', 'soon', '30', 30_000],
    ['missing', undefined, undefined, undefined],
  ];

  test.each(cases)('%s: body %j, header %j → %j ms', async (_, retryAfter, header, expected) => {
    const headers = header === undefined ? { date } : { date, 'retry-after': header };
    const { enviaai, reports } = await adapt(
      always(429, envelopes.authentication('rate_limit_exceeded', { retryAfter }), headers),
    );
    const failure = await failureOf(enviaai.list(caller, firstPage));
    expect(failure).toMatchObject({ kind: 'rate-limited', retryAfterMs: expected });
    expect(reports).toMatchObject([{ outcome: 'rate-limited', retryAfterMs: expected ?? null }]);
  });

  test.each([502, 503, 504])('after a %i is in its header', async (status) => {
    const { enviaai } = await adapt(always(status, '<html>', { 'retry-after': '120' }));
    const failure = await failureOf(enviaai.list(caller, firstPage));
    expect(failure).toMatchObject({ kind: 'unavailable', retryAfterMs: 120_000 });
  });

  test('is left out if a retry would not help', async () => {
    const { enviaai } = await adapt(
      always(401, envelopes.authentication('invalid_api_key', { retryAfter: 60 })),
    );
    expect((await failureOf(enviaai.list(caller, firstPage))).retryAfterMs).toBeUndefined();
  });
});

test('a 429 with a broken body is a 429', async () => {
  const { enviaai, reports } = await adapt((_, response) => {
    response.writeHead(429, { 'content-length': '500', 'retry-after': '9' });
    response.write('{"error":');
    setTimeout(() => response.destroy(), 20);
  });
  const failure = await failureOf(enviaai.list(caller, firstPage));
  expect(failure).toMatchObject({ kind: 'rate-limited', retryAfterMs: 9000 });
  expect(reports).toMatchObject([{ status: 429, retryAfterMs: 9000 }]);
});
