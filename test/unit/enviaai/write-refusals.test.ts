import { describe, expect, test } from 'vitest';
import type { FailureKind } from '#src/domain/failure.ts';
import { adapt, failureOf } from '#test/support/enviaai/adapter.ts';
import { adaptTo, writeCalls, writeKinds } from '#test/support/enviaai/write-calls.ts';
import { always, startUpstream } from '#test/support/upstream.ts';

const refusals: readonly (readonly [number, string | undefined, FailureKind])[] = [
  [400, 'invalid_parameters', 'bad-input'],
  [400, 'invalid_webhook_url', 'refused'],
  [401, 'invalid_api_key', 'unauthorized'],
  [401, 'missing_api_key', 'unauthorized'],
  [401, 'expired_api_key', 'unauthorized'],
  [403, 'insufficient_permissions', 'forbidden'],
  [403, undefined, 'unavailable'],
  [404, 'instance_not_found', 'refused'],
  [409, 'official_api_instance', 'refused'],
  [402, 'plan_limit', 'refused'],
  [429, 'rate_limit_exceeded', 'rate-limited'],
  [429, undefined, 'rate-limited'],
  [200, 'invalid_webhook_url', 'refused'],
  [408, 'too_slow', 'refused'],
];
const unknowns: readonly (readonly [number, string | undefined])[] = [
  [500, undefined],
  [500, 'internal_error'],
  [500, 'rate_limit_exceeded'],
  [500, 'invalid_parameters'],
  [502, undefined],
  [503, 'maintenance'],
  [504, undefined],
  [520, undefined],
  [408, undefined],
];
const errorOf = (code: string | undefined) => ({
  success: false,
  error: { code, message: 'key sk_live_secret at db.internal' },
});

describe.each(writeKinds)('the refusals of %s', (kind) => {
  const send = writeCalls[kind];

  test.each(refusals)('%i %s certainly means %s', async (status, code, failureKind) => {
    const { enviaai, upstream } = await adaptTo(status, errorOf(code));
    const failure = await failureOf(send(enviaai));
    expect(failure).toMatchObject({ kind: failureKind, status, upstreamCode: code });
    expect(upstream.calls).toHaveLength(1);
  });

  test.each(unknowns)('%i %s means an unknown outcome', async (status, code) => {
    const body = errorOf(code);
    const { enviaai, upstream, reports } = await adaptTo(status, {
      ...body,
      error: { ...body.error, retryAfter: 7 },
    });
    const failure = await failureOf(send(enviaai));
    expect(failure).toMatchObject({ kind: 'outcome-unknown', status, upstreamCode: code });
    expect(failure).toMatchObject({ retryAfterMs: undefined });
    expect(JSON.stringify([failure, failure.message])).not.toMatch(/secret|internal\b/);
    expect(upstream.calls).toHaveLength(1);
    expect(reports).toMatchObject([{ kind, outcome: 'outcome-unknown', status }]);
  });

  test.each([301, 302, 303, 307, 308])('the redirect %i is not followed', async (status) => {
    const target = await startUpstream(always(200, { success: true }));
    const { enviaai, upstream } = await adapt(always(status, '', { location: target.url.href }));
    expect(await failureOf(send(enviaai))).toMatchObject({ kind: 'refused', status });
    expect(upstream.calls).toHaveLength(1);
    expect(target.calls).toEqual([]);
    await target.close();
  });

  test('a 404 in EnviaAI’s envelope is an unknown id, that of a proxy is not', async () => {
    const isAboutOne = kind !== 'create';
    const ours = await adaptTo(404, { success: false, error: { message: 'No such instance' } });
    expect(await failureOf(send(ours.enviaai))).toMatchObject({
      upstreamCode: isAboutOne ? 'instance_not_found' : undefined,
    });
    expect(ours.reports).toMatchObject([{ outcome: isAboutOne ? 'not-found' : 'refused' }]);
    const proxy = await adaptTo(404, '<html>');
    expect(await failureOf(send(proxy.enviaai))).toMatchObject({ upstreamCode: undefined });
  });

  test('its budget is reported whatever its outcome', async () => {
    const headers = { 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '7' };
    const { enviaai, reports } = await adapt(always(500, '', headers));
    await failureOf(send(enviaai));
    expect(reports).toMatchObject([{ rate: { limit: 50, remaining: 7 } }]);
  });
});
