import { expect, test } from 'vitest';
import { connectionReasonOf } from '#src/domain/connection-reason.ts';

const withCode = (code: string, cause?: unknown) =>
  Object.assign(new Error('of 10.1.2.3', { cause }), { code });

test.each([
  ['EAI_AGAIN', 'dns-unavailable'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ETIMEDOUT', 'connect-timeout'],
  ['EPIPE', 'reset'],
  ['CERT_NOT_YET_VALID', 'certificate-not-yet-valid'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate-self-signed'],
  ['CERT_REVOKED', 'certificate-untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate-untrusted'],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'tls-handshake'],
  ['EPROTO', 'tls-handshake'],
  ['EMFILE', 'too-many-files'],
  ['HPE_INVALID_CONSTANT', 'not-http'],
  ['E_NEW', 'other'],
])('an error with the code %s is %s', (code, reason) => {
  expect(connectionReasonOf(withCode(code))).toBe(reason);
});

test('the error of fetch has the reason of its cause', () => {
  const error = new TypeError('fetch failed', { cause: withCode('ECONNREFUSED') });
  expect(connectionReasonOf(error)).toBe('refused');
});

test('a value that is not an error, and an error without a known code, is other', () => {
  expect(connectionReasonOf('ECONNREFUSED')).toBe('other');
  expect(connectionReasonOf(new Error('ECONNREFUSED'))).toBe('other');
});
