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

export async function makeKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** The same key without its name. */
export function nameless(key: SigningKey): SigningKey {
  const { kid: _, ...jwk } = key.jwk;
  return { ...key, jwk };
}

/** What a test has different in a token; null leaves a claim or header out. */
export interface Wish {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly key?: SigningKey;
}

/** Somebody who issues tokens, and publishes the keys over HTTP as a test tells. */
export async function startIssuer(now: () => number = Date.now) {
  const key = await makeKey('first');
  let answer: { status: number; body: string } | 'silence' = keySet(key);
  const server = await startUpstream((_, response) => {
    if (answer === 'silence') return;
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  onTestFinished(() => server.close());

  const mint = ({ claims = {}, header = {}, key: by = key }: Wish = {}): Promise<string> => {
    const seconds = Math.floor(now() / 1000);
    const all = {
      iss: 'https://id.example.com',
      aud: 'enviaai',
      sub: 'user-1',
      iat: seconds,
      exp: seconds + 300,
      ...claims,
    };
    const protectedHeader = { alg: by.alg, kid: by.kid, ...header };
    return new SignJWT(present(all))
      .setProtectedHeader({ ...present(protectedHeader), alg: by.alg })
      .sign(by.privateKey, { crit: { odd: true } });
  };

  return {
    key,
    mint,
    /** How often the keys were fetched. */
    fetches: () => server.calls.length,
    publish: (...keys: SigningKey[]) => void (answer = keySet(...keys)),
    answers: (status: number, body: string) => void (answer = { status, body }),
    isSilent: () => void (answer = 'silence'),
    stop: () => server.close(),
    env: {
      AUTH: 'jwt',
      ENVIAAI_API_KEY: 'sk_live_own',
      AUTH_JWKS_URL: new URL('/keys', server.url).href,
      AUTH_ISSUER: 'https://id.example.com',
      AUTH_AUDIENCE: 'enviaai',
    },
  };
}

export type Issuer = Awaited<ReturnType<typeof startIssuer>>;

/** The whole server for those who bring this issuer's tokens. */
export async function startFor(issuer: Issuer, { env, ...options }: StartOptions = {}) {
  const server = await start({ ...options, env: { ...issuer.env, ...env } });
  const ask = (token: string, query = '{ instances { totalCount } }') =>
    server.query(query, {}, { authorization: `Bearer ${token}` });
  /** Without a token. */
  const askBare = (query: string) => server.query(query, {}, { authorization: '' });
  return { ...server, ask, askBare, calls: () => server.calls('sk_live_own') };
}

const keySet = (...keys: SigningKey[]) => ({
  status: 200,
  body: JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }),
});

const present = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
