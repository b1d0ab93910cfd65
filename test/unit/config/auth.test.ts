import { expect, test } from 'vitest';
import { ConfigError, type Env, parseConfig } from '#src/config/config.ts';

const jwt = {
  AUTH: 'jwt',
  ENVIAAI_API_KEY: 'sk_live_secret',
  AUTH_JWKS_URL: 'https://id.example.com/keys?app=1',
  AUTH_ISSUER: 'https://id.example.com',
  AUTH_AUDIENCE: 'enviaai',
};

function problemsOf(env: Env): readonly string[] {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const wrong = (env: Env) => problemsOf(env).map((line) => line.split(':')[0]);

test('AUTH=jwt requires an issuer, an audience, a JWKS URL and an API key', () => {
  expect(parseConfig(jwt).auth).toEqual({
    kind: 'jwt',
    apiKey: 'sk_live_secret',
    jwksUrl: new URL('https://id.example.com/keys?app=1'),
    issuer: 'https://id.example.com',
    audience: 'enviaai',
    writeScope: null,
  });
  const scoped = { ...jwt, AUTH_WRITE_SCOPE: 'instances:write' };
  expect(parseConfig(scoped).auth).toMatchObject({ writeScope: 'instances:write' });
  expect(wrong({ ...jwt, AUTH_WRITE_SCOPE: 'two scopes' })).toEqual(['AUTH_WRITE_SCOPE']);
});

test('each missing variable of AUTH=jwt is reported in a separate line', () => {
  expect(wrong({ AUTH: 'jwt' })).toEqual([
    'ENVIAAI_API_KEY',
    'AUTH_JWKS_URL',
    'AUTH_ISSUER',
    'AUTH_AUDIENCE',
  ]);
  expect(wrong({ ...jwt, AUTH_ISSUER: '' })).toEqual(['AUTH_ISSUER']);
  expect(problemsOf({ AUTH: 'jwt' }).every((line) => /must be set/.test(line))).toBe(true);
});

test('AUTH=none requires only an API key', () => {
  expect(parseConfig({ AUTH: 'none', ENVIAAI_API_KEY: 'k' }).auth).toEqual({
    kind: 'none',
    apiKey: 'k',
  });
  expect(wrong({ AUTH: 'none' })).toEqual(['ENVIAAI_API_KEY']);
});

test('an unknown AUTH is reported together with other problems', () => {
  expect(problemsOf({ AUTH: 'jwks', PORT: 'x' })).toEqual([
    'PORT: must be a whole number from 0 to 65535',
    'AUTH: must be one of passthrough, jwt, none',
  ]);
});

test('an API key that cannot be sent in a header is rejected, and is not quoted', () => {
  for (const ENVIAAI_API_KEY of ['two words', 'caf\u00e9', 'k'.repeat(4097), 'a\nb']) {
    const problems = problemsOf({ AUTH: 'none', ENVIAAI_API_KEY });
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toContain(ENVIAAI_API_KEY);
  }
});

test.each([
  'ftp://id.example.com',
  'id.example.com',
  'https://user:word@id.example.com',
  'https://id.example.com/#k',
  'https://',
])('AUTH_JWKS_URL must be an http or https URL: %s is rejected', (AUTH_JWKS_URL) => {
  expect(wrong({ ...jwt, AUTH_JWKS_URL })).toEqual(['AUTH_JWKS_URL']);
});

test('in production, AUTH_JWKS_URL must be https, except on loopback', () => {
  const wrongVariablesOf = (AUTH_JWKS_URL: string) =>
    wrong({ ...jwt, NODE_ENV: 'production', AUTH_JWKS_URL });
  for (const host of ['localhost:8080', '127.0.0.1', '127.8.0.1:1', '[::1]:8080']) {
    expect(wrongVariablesOf(`http://${host}/keys`)).toEqual([]);
  }
  for (const host of ['id.example.com', '127.evil.example', 'localhost.example', '10.0.0.1']) {
    expect(wrongVariablesOf(`http://${host}/keys`)).toEqual(['AUTH_JWKS_URL']);
    expect(wrong({ ...jwt, AUTH_JWKS_URL: `http://${host}/keys` })).toEqual([]);
  }
});

test('CALLER_RATE_PER_MINUTE and TRUST_PROXY must be whole numbers', () => {
  const { callerRatePerMinute, trustProxy } = parseConfig({
    CALLER_RATE_PER_MINUTE: '0',
    TRUST_PROXY: '2',
  });
  expect([callerRatePerMinute, trustProxy]).toEqual([0, 2]);
  expect(wrong({ CALLER_RATE_PER_MINUTE: '-1', TRUST_PROXY: 'true' })).toEqual([
    'CALLER_RATE_PER_MINUTE',
    'TRUST_PROXY',
  ]);
});
