import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

const longest = 'k'.repeat(4096);

/** The key that resolvers see for these headers, given one by one. */
async function keySeen(authorization: string[], anonymousKey: string | null = null) {
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
])('a key comes as a bearer token: %.40s', async (header, key) => {
  expect(await keySeen([header])).toBe(key);
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
)('what is no key is nobody: %s', async (header) => {
  expect(await keySeen([header], 'sandbox')).toBeNull();
});

test('two keys are nobody, even if they are equal', async () => {
  expect(await keySeen(['Bearer key', 'Bearer key'], 'sandbox')).toBeNull();
});

test('a missing key is nobody, but with the sandbox alone the sandbox key', async () => {
  expect(await keySeen([])).toBeNull();
  expect(await keySeen([], 'sandbox')).toBe('sandbox');
});
