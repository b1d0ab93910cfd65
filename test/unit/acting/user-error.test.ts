import { expect, test } from 'vitest';
import { userErrorOf } from '#src/acting/user-error.ts';
import { Failure, type FailureKind } from '#src/domain/failure.ts';
import { failureOf } from '#test/support/enviaai/adapter.ts';
import { adaptTo, writeCalls, writeKinds } from '#test/support/enviaai/write-calls.ts';

test.each([
  [400, 'invalid_parameters', 'INVALID'],
  [404, 'instance_not_found', 'NOT_FOUND'],
  [400, 'invalid_webhook_url', 'INVALID_WEBHOOK_URL'],
  [422, 'invalid_webhook_url', 'INVALID_WEBHOOK_URL'],
  [200, 'invalid_webhook_url', 'INVALID_WEBHOOK_URL'],
  [409, 'official_api_instance', 'OFFICIAL_API_INSTANCE'],
  [402, 'plan_limit_reached', 'UNKNOWN'],
  [409, 'constructor', 'UNKNOWN'],
  [401, 'invalid_api_key', null],
  [403, 'insufficient_permissions', null],
  [403, 'account_suspended', null],
  [429, 'rate_limit_exceeded', null],
  [500, 'invalid_webhook_url', null],
  [503, undefined, null],
  [418, undefined, null],
])('of the answer %i %s, the user error is %s', async (status, code, expected) => {
  const message = 'key sk_live_secret at db.internal';
  const { enviaai } = await adaptTo(status, { success: false, error: { code, message } });
  for (const kind of writeKinds) {
    const error = userErrorOf(await failureOf(writeCalls[kind](enviaai)));
    expect(error?.code ?? null).toBe(expected);
    expect(error?.message ?? '').not.toMatch(/secret|internal/);
  }
});

test('only a wrong webhook URL names its argument', () => {
  const refused = (upstreamCode: string) => new Failure('refused', '', { upstreamCode });
  expect(userErrorOf(refused('invalid_webhook_url'))?.field).toEqual(['input', 'webhookUrl']);
  expect(userErrorOf(refused('instance_not_found'))?.field).toBeUndefined();
});

test.each<FailureKind>(['outcome-unknown', 'timeout', 'unavailable', 'rate-limited', 'server-key'])(
  'a write that is %s is no user error, whatever its code',
  (kind) => {
    expect(userErrorOf(new Failure(kind, '', { upstreamCode: 'invalid_parameters' }))).toBeNull();
  },
);
