import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';
import { start, type StartOptions } from '#test/support/start.ts';
import { startUpstream } from '#test/support/upstream.ts';

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function createKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** The same key without its key id (`kid`). */
export function withoutKid(key: SigningKey): SigningKey {
  const { kid: _, ...jwk } = key.jwk;
  return { ...key, jwk };
}

/** How a token differs from a valid one. Null leaves out a claim or header. */
export interface TokenChanges {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: SigningKey;
}

/** A token issuer, with an HTTP server for its public keys. */
export async function startIssuer(now: () => number = Date.now) {
  const key = await createKey('first');
  let response: { status: number; body: string } | 'none' = keySetOf(key);
  const server = await startUpstream((_, outgoing) => {
    if (response === 'none') return;
    const { status, body } = response;
    outgoing.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  onTestFinished(() => server.close());

  const mint = ({
    claims = {},
    header = {},
    key: signingKey = key,
  }: TokenChanges = {}): Promise<string> => {
    const seconds = Math.floor(now() / 1000);
    const allClaims = {
      iss: 'https://id.example.com',
      aud: 'enviaai',
      sub: 'user-1',
      iat: seconds,
      exp: seconds + 300,
      ...claims,
    };
    const protectedHeader = { alg: signingKey.alg, kid: signingKey.kid, ...header };
    return new SignJWT(withoutNulls(allClaims))
      .setProtectedHeader({ ...withoutNulls(protectedHeader), alg: signingKey.alg })
      .sign(signingKey.privateKey, { crit: { odd: true } });
  };

  return {
    key,
    mint,
    /** Number of fetches of the keys so far. */
    fetches: () => server.calls.length,
    publish: (...keys: SigningKey[]) => void (response = keySetOf(...keys)),
    respondWith: (status: number, body: string) => void (response = { status, body }),
    stopResponding: () => void (response = 'none'),
    stop: () => server.close(),
    env: {
      AUTH: 'jwt',
      ENVIAAI_API_KEY: 'sk_live_server',
      AUTH_JWKS_URL: new URL('/keys', server.url).href,
      AUTH_ISSUER: 'https://id.example.com',
      AUTH_AUDIENCE: 'enviaai',
    },
  };
}

export type Issuer = Awaited<ReturnType<typeof startIssuer>>;

/** The whole server with `AUTH=jwt` and this issuer. */
export async function startWithIssuer(issuer: Issuer, { env, ...options }: StartOptions = {}) {
  const server = await start({ ...options, env: { ...issuer.env, ...env } });
  const ask = (token: string, query = '{ instances { totalCount } }') =>
    server.query(query, {}, { authorization: `Bearer ${token}` });
  const askWithoutToken = (query: string) => server.query(query, {}, { authorization: '' });
  return { ...server, ask, askWithoutToken, calls: () => server.calls('sk_live_server') };
}

const keySetOf = (...keys: SigningKey[]) => ({
  status: 200,
  body: JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }),
});

const withoutNulls = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
