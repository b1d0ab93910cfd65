import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { json } from 'node:stream/consumers';
import { exportSPKI, importJWK } from 'jose';
import { expect, test } from 'vitest';
import { createTestClock } from '#test/support/clock.ts';
import { makeKey, startFor, startIssuer, type Wish } from '#test/support/callers/issuer.ts';

const unauthenticated = (answer: { errors: { extensions: object }[] | undefined }) =>
  answer.errors?.map(({ extensions }) => extensions);

const text = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

test('a token of the issuer for this audience reads with the key of the server', async () => {
  const issuer = await startIssuer();
  const { ask, calls } = await startFor(issuer);
  const { data, errors } = await ask(await issuer.mint());
  expect(errors).toBeUndefined();
  expect(data.instances.totalCount).toBe(3);
  expect(calls()).toEqual(['GET /instances?status=all&limit=100&offset=0']);
});

test.each<[string, Wish]>([
  ['for several audiences', { claims: { aud: ['other', 'enviaai'] } }],
  ['that names no key', { header: { kid: null } }],
  ['that ended within the seconds that clocks differ', { claims: { exp: -4 } }],
  ['that begins within the seconds that clocks differ', { claims: { nbf: 4 } }],
  ['of so many claims that it is longer than a key', { claims: { groups: 'g'.repeat(5000) } }],
])('a token %s is good', async (_, wish) => {
  const clock = createTestClock();
  const issuer = await startIssuer(clock.now);
  const { ask } = await startFor(issuer, { clock });
  expect((await ask(await issuer.mint(inTime(wish, clock.now)))).errors).toBeUndefined();
});

test.each<[string, Wish]>([
  ['that has ended', { claims: { exp: -6 } }],
  ['that has not begun', { claims: { nbf: 6 } }],
  ['that never ends', { claims: { exp: null } }],
  ['that ends at no number', { claims: { exp: 'soon' } }],
  ['of another issuer', { claims: { iss: 'https://id.example.com/' } }],
  ['of nobody', { claims: { iss: null } }],
  ['for another audience', { claims: { aud: 'enviaai2' } }],
  ['for no audience', { claims: { aud: null } }],
  ['without a subject', { claims: { sub: null } }],
  ['with an empty subject', { claims: { sub: '' } }],
  ['with a subject that is no text', { claims: { sub: 7 } }],
  ['of a key that is not published', { header: { kid: 'other' } }],
  ['that demands what is not understood', { header: { crit: ['odd'], odd: 1 } }],
])('a token %s is refused without a call', async (_, wish) => {
  const clock = createTestClock();
  const issuer = await startIssuer(clock.now);
  const { ask, calls } = await startFor(issuer, { clock });
  const answer = await ask(await issuer.mint(inTime(wish, clock.now)));
  expect(unauthenticated(answer)).toEqual([{ code: 'UNAUTHENTICATED' }]);
  expect(answer.errors?.[0]?.message).toContain('Authorization: Bearer <JWT>');
  expect(answer.data).toEqual({ instances: null });
  expect(calls()).toEqual([]);
});

test('a token signed by another key under the published name is refused', async () => {
  const issuer = await startIssuer();
  const { ask } = await startFor(issuer);
  const token = await issuer.mint({ key: await makeKey('first') });
  expect(unauthenticated(await ask(token))).toEqual([{ code: 'UNAUTHENTICATED' }]);
});

test('a token that was altered is refused', async () => {
  const issuer = await startIssuer();
  const { ask } = await startFor(issuer);
  const [head, body = '', signature] = (await issuer.mint()).split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
  const altered = [head, text({ ...claims, sub: 'admin' }), signature].join('.');
  expect(unauthenticated(await ask(altered))).toEqual([{ code: 'UNAUTHENTICATED' }]);
});

test('nobody issues a token with no signature, or with a public key for a secret', async () => {
  const issuer = await startIssuer();
  const rsa = await makeKey('rsa', 'RS256');
  issuer.publish(issuer.key, rsa);
  const { ask, calls } = await startFor(issuer);
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

test.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])('%s is taken', async (alg) => {
  const issuer = await startIssuer();
  const key = await makeKey('other', alg);
  issuer.publish(key);
  const { ask } = await startFor(issuer);
  expect((await ask(await issuer.mint({ key }))).errors).toBeUndefined();
});

test.each(['', 'x', 'a.b.c', '..', 'sk_live_own', 'a'.repeat(8193)])(
  'what is no token is refused: %.20s',
  async (words) => {
    const { ask } = await startFor(await startIssuer());
    expect(unauthenticated(await ask(words))).toEqual([{ code: 'UNAUTHENTICATED' }]);
  },
);

test('two tokens are none, even if both are good', async () => {
  const issuer = await startIssuer();
  const { url, calls } = await startFor(issuer);
  const token = await issuer.mint();
  const headers = [
    'host',
    'localhost',
    ...Array.from({ length: 2 }, () => ['authorization', `Bearer ${token}`]).flat(),
  ];
  const asked = httpRequest(`${url}?query={instances{totalCount}}`, { headers });
  const [response] = await once(asked.end(), 'response');
  expect(await json(response)).toMatchObject({
    errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect(calls()).toEqual([]);
});

test('the schema needs no token, not even where one is sent that is refused', async () => {
  const { ask, askBare } = await startFor(await startIssuer());
  const free =
    '{ __typename __schema { queryType { name } } ...F } fragment F on Query { _service { sdl } }';
  expect((await ask('x', free)).errors).toBeUndefined();
  const mixed = await askBare('{ __typename instances { totalCount } }');
  expect(mixed.data).toEqual({ __typename: 'Query', instances: null });
});

/** Times in a wish are seconds from now. */
function inTime({ claims = {}, ...rest }: Wish, now: () => number): Wish {
  const at = (value: unknown) =>
    typeof value === 'number' ? Math.floor(now() / 1000) + value : value;
  const timed = Object.entries(claims).map(([name, value]) =>
    ['exp', 'nbf'].includes(name) ? [name, at(value)] : [name, value],
  );
  return { ...rest, claims: Object.fromEntries(timed) };
}
