import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { json } from 'node:stream/consumers';
import { exportSPKI, importJWK } from 'jose';
import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import {
  createKey,
  startWithIssuer,
  startIssuer,
  type TokenChanges,
} from '#test/support/callers/issuer.ts';

const unauthenticated = (answer: { errors: { extensions: object }[] | undefined }) =>
  answer.errors?.map(({ extensions }) => extensions);

const text = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

test('a valid token reads with the key of the server', async () => {
  const issuer = await startIssuer();
  const { ask, calls } = await startWithIssuer(issuer);
  const { data, errors } = await ask(await issuer.mint());
  expect(errors).toBeUndefined();
  expect(data.instances.totalCount).toBe(3);
  expect(calls()).toEqual(['GET /instances?status=all&limit=100&offset=0']);
});

test.each<[string, TokenChanges]>([
  ['for several audiences', { claims: { aud: ['other', 'enviaai'] } }],
  ['without a key id', { header: { kid: null } }],
  ['that expired within the clock tolerance', { claims: { exp: -4 } }],
  ['that becomes valid within the clock tolerance', { claims: { nbf: 4 } }],
  ['that is longer than the limit of keys', { claims: { groups: 'g'.repeat(5000) } }],
])('a token %s is accepted', async (_, changes) => {
  const clock = createTestClock();
  const issuer = await startIssuer(clock.now);
  const { ask } = await startWithIssuer(issuer, { clock });
  expect((await ask(await issuer.mint(withTimestamps(changes, clock.now)))).errors).toBeUndefined();
});

test.each<[string, TokenChanges]>([
  ['that has expired', { claims: { exp: -6 } }],
  ['that is not valid yet', { claims: { nbf: 6 } }],
  ['without an expiry', { claims: { exp: null } }],
  ['with an expiry that is not a number', { claims: { exp: 'soon' } }],
  ['of another issuer', { claims: { iss: 'https://id.example.com/' } }],
  ['without an issuer', { claims: { iss: null } }],
  ['for another audience', { claims: { aud: 'enviaai2' } }],
  ['without an audience', { claims: { aud: null } }],
  ['without a subject', { claims: { sub: null } }],
  ['with an empty subject', { claims: { sub: '' } }],
  ['with a subject that is not a string', { claims: { sub: 7 } }],
  ['with an unknown key id', { header: { kid: 'other' } }],
  ['with an unknown critical header', { header: { crit: ['odd'], odd: 1 } }],
])('a token %s is rejected without a call', async (_, changes) => {
  const clock = createTestClock();
  const issuer = await startIssuer(clock.now);
  const { ask, calls } = await startWithIssuer(issuer, { clock });
  const answer = await ask(await issuer.mint(withTimestamps(changes, clock.now)));
  expect(unauthenticated(answer)).toEqual([{ code: 'UNAUTHENTICATED' }]);
  expect(answer.errors?.[0]?.message).toContain('Authorization: Bearer <JWT>');
  expect(answer.data).toEqual({ instances: null });
  expect(calls()).toEqual([]);
});

test('a token signed by another key with a published key id is rejected', async () => {
  const issuer = await startIssuer();
  const { ask } = await startWithIssuer(issuer);
  const token = await issuer.mint({ key: await createKey('first') });
  expect(unauthenticated(await ask(token))).toEqual([{ code: 'UNAUTHENTICATED' }]);
});

test('a token with altered claims is rejected', async () => {
  const issuer = await startIssuer();
  const { ask } = await startWithIssuer(issuer);
  const [head, body = '', signature] = (await issuer.mint()).split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
  const altered = [head, text({ ...claims, sub: 'admin' }), signature].join('.');
  expect(unauthenticated(await ask(altered))).toEqual([{ code: 'UNAUTHENTICATED' }]);
});

test('a token without a signature, or signed with the public key as a secret, is rejected', async () => {
  const issuer = await startIssuer();
  const rsa = await createKey('rsa', 'RS256');
  issuer.publish(issuer.key, rsa);
  const { ask, calls } = await startWithIssuer(issuer);
  const [, body = ''] = (await issuer.mint()).split('.');

  for (const alg of ['none', 'None', 'NONE']) {
    const token = `${text({ alg, kid: 'rsa' })}.${body}.`;
    expect(unauthenticated(await ask(token))).toEqual([{ code: 'UNAUTHENTICATED' }]);
  }
  const key = await importJWK({ ...rsa.jwk, ext: true }, 'RS256', { extractable: true });
  const secrets = [await exportSPKI(key as CryptoKey), JSON.stringify(rsa.jwk), rsa.jwk.n ?? ''];
  for (const [index, alg] of ['HS256', 'HS384', 'HS512'].entries()) {
    for (const secret of secrets) {
      const signed = `${text({ alg, kid: 'rsa' })}.${body}`;
      const hash = ['sha256', 'sha384', 'sha512'][index] ?? '';
      const token = `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
      expect(unauthenticated(await ask(token))).toEqual([{ code: 'UNAUTHENTICATED' }]);
    }
  }
  expect(calls()).toEqual([]);
});

test.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])(
  'the algorithm %s is accepted',
  async (alg) => {
    const issuer = await startIssuer();
    const key = await createKey('other', alg);
    issuer.publish(key);
    const { ask } = await startWithIssuer(issuer);
    expect((await ask(await issuer.mint({ key }))).errors).toBeUndefined();
  },
);

test.each(['', 'x', 'a.b.c', '..', 'sk_live_server', 'a'.repeat(8193)])(
  'a text that is not a token is rejected: %.20s',
  async (text) => {
    const { ask } = await startWithIssuer(await startIssuer());
    expect(unauthenticated(await ask(text))).toEqual([{ code: 'UNAUTHENTICATED' }]);
  },
);

test('two Authorization headers are rejected, even if both have valid tokens', async () => {
  const issuer = await startIssuer();
  const { url, calls } = await startWithIssuer(issuer);
  const token = await issuer.mint();
  const headers = [
    'host',
    'localhost',
    ...Array.from({ length: 2 }, () => ['authorization', `Bearer ${token}`]).flat(),
  ];
  const outgoing = httpRequest(`${url}?query={instances{totalCount}}`, { headers });
  const [response] = await once(outgoing.end(), 'response');
  expect(await json(response)).toMatchObject({
    errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect(calls()).toEqual([]);
});

test('the schema can be read without a token, and with an invalid one', async () => {
  const { ask, askWithoutToken } = await startWithIssuer(await startIssuer());
  const schemaOnly =
    '{ __typename __schema { queryType { name } } ...F } fragment F on Query { _service { sdl } }';
  expect((await ask('x', schemaOnly)).errors).toBeUndefined();
  const mixed = await askWithoutToken('{ __typename instances { totalCount } }');
  expect(mixed.data).toEqual({ __typename: 'Query', instances: null });
});

/** Converts `exp` and `nbf` from seconds relative to now into timestamps. */
function withTimestamps({ claims = {}, ...rest }: TokenChanges, now: () => number): TokenChanges {
  const at = (value: unknown) =>
    typeof value === 'number' ? Math.floor(now() / 1000) + value : value;
  const timed = Object.entries(claims).map(([name, value]) =>
    ['exp', 'nbf'].includes(name) ? [name, at(value)] : [name, value],
  );
  return { ...rest, claims: Object.fromEntries(timed) };
}
