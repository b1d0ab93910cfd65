import { expect, test } from 'vitest';
import { ConfigError, type Env, parseConfig } from '#src/config/config.ts';

const proxy = 'http://user:secret@proxy.example:3128/';
const upstreamOf = (env: Env) =>
  parseConfig({ ENVIAAI_BASE_URL: 'https://api.example/v1', ...env }).proxies.upstream?.href;

test.each<[Env, string | undefined]>([
  [{}, undefined],
  [{ HTTPS_PROXY: proxy }, proxy],
  [{ https_proxy: proxy }, proxy],
  [{ https_proxy: proxy, HTTPS_PROXY: 'http://other.example' }, proxy],
  [{ HTTP_PROXY: proxy }, proxy],
  [{ http_proxy: proxy, HTTPS_PROXY: 'https://tls.example' }, 'https://tls.example/'],
  [{ HTTPS_PROXY: proxy, ENVIAAI_BASE_URL: 'http://api.example' }, undefined],
  [{ HTTP_PROXY: proxy, ENVIAAI_BASE_URL: 'http://api.example' }, proxy],
])('the proxy is that of the scheme, in lower case first: %j', (env, expected) => {
  expect(upstreamOf(env)).toBe(expected);
});

test.each([
  ['api.example', true],
  ['API.example.', true],
  ['other.example api.example', true],
  ['example', true],
  ['.example', true],
  ['*.example', true],
  ['*', true],
  ['api.example:443', true],
  ['*.api.example', false],
  ['pi.example', false],
  ['api.example:80', false],
  ['other.example,', false],
  ['', false],
])('NO_PROXY=%s excludes api.example: %s', (NO_PROXY, isExcluded) => {
  expect(upstreamOf({ HTTPS_PROXY: proxy, NO_PROXY })).toBe(isExcluded ? undefined : proxy);
  expect(upstreamOf({ HTTPS_PROXY: proxy, no_proxy: NO_PROXY })).toBe(
    isExcluded ? undefined : proxy,
  );
});

test.each([
  ['[fd00::1]', 'fd00::1'],
  ['[fd00::1]:8443', '[fd00::1]:8443'],
  ['10.0.0.5', '10.0.0.5'],
])('NO_PROXY excludes the address %s', (host, NO_PROXY) => {
  const env = { HTTPS_PROXY: proxy, ENVIAAI_BASE_URL: `https://${host}/v1` };
  expect(upstreamOf(env)).toBe(proxy);
  expect(upstreamOf({ ...env, NO_PROXY })).toBeUndefined();
});

test.each(['http://localhost:4010', 'http://127.0.0.1', 'http://[::1]:80', 'https://a.localhost'])(
  'this machine is never called through a proxy: %s',
  (ENVIAAI_BASE_URL) => {
    const env = { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, ENVIAAI_BASE_URL };
    expect(upstreamOf(env)).toBeUndefined();
  },
);

test('the embedded sandbox has no proxy, and a proxy that is not used is not checked', () => {
  const { proxies, upstream } = parseConfig({ HTTPS_PROXY: 'socks5://x', HTTP_PROXY: 'x' });
  expect([proxies.upstream, upstream.kind]).toEqual([null, 'sandbox']);
});

test.each(['proxy.example:3128', 'socks5://proxy.example', 'nonsense', 'http://%zz:x@proxy'])(
  'a proxy that cannot be used stops the start: %s',
  (HTTPS_PROXY) => {
    const env = { HTTPS_PROXY, ENVIAAI_BASE_URL: 'https://api.example' };
    expect(() => parseConfig(env)).toThrow(
      new ConfigError([
        'HTTPS_PROXY: must be the http or https URL of a proxy, such as http://proxy.example.com:3128',
      ]),
    );
  },
);

test('the keys of the issuer have a proxy of their own', () => {
  const { proxies } = parseConfig({
    ENVIAAI_BASE_URL: 'https://api.example',
    HTTPS_PROXY: proxy,
    NO_PROXY: 'api.example',
    AUTH: 'jwt',
    ENVIAAI_API_KEY: 'key',
    AUTH_JWKS_URL: 'https://issuer.example/keys',
    AUTH_ISSUER: 'i',
    AUTH_AUDIENCE: 'a',
  });
  expect([proxies.upstream, proxies.jwks?.href]).toEqual([null, proxy]);
});
