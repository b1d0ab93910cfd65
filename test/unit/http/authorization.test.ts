import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

const longest = 'k'.repeat(4096);

/** The key that resolvers get for these `Authorization` headers. */
async function keyOf(authorization: string[], anonymousKey: string | null = null) {
  const { port } = await startHttp({ anonymousKey });
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    path: '/graphql?query={apiKey}',
    headers: ['host', 'localhost', ...authorization.flatMap((value) => ['authorization', value])],
  });
  const [response] = await once(request.end(), 'response');
  return ((await json(response)) as { data: { apiKey: string | null } }).data.apiKey;
}

test.each([
  ['Bearer key', 'key'],
  ['bearer key', 'key'],
  ['BEARER  key', 'key'],
  [`Bearer ${longest}`, longest],
  ['Bearer !"#$%&/()=~', '!"#$%&/()=~'],
])('a key is sent as a bearer token: %.40s', async (header, key) => {
  expect(await keyOf([header])).toBe(key);
});

test.each(
  [
    'Bearer',
    'Bearer ',
    'key',
    'Basic key',
    'Bearer two words',
    `Bearer ${longest}k`,
    'Bearer caf\u00e9',
    'Bearerkey',
  ].filter((header) => header !== 'Bearer key,'),
)('an Authorization header without a valid key gives no key: %s', async (header) => {
  expect(await keyOf([header], 'sandbox')).toBeNull();
});

test('two keys give no key, even if they are equal', async () => {
  expect(await keyOf(['Bearer key', 'Bearer key'], 'sandbox')).toBeNull();
});

test('a request without a key has no key, or the sandbox key if the sandbox is the upstream', async () => {
  expect(await keyOf([])).toBeNull();
  expect(await keyOf([], 'sandbox')).toBe('sandbox');
});
