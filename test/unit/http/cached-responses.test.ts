import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  type CachedResponse,
  createCachedResponses,
} from '#src/http/response-cache/cached-responses.ts';

function cached(response: CachedResponse | null): CachedResponse {
  if (!response) throw new Error('The response was not cached');
  return response;
}

test('a response stays in the cache if its compressed form does not fit in beside it', async () => {
  const size = 20_000;
  const responses = createCachedResponses(size + 3000, () => '}');
  const cost = {
    calls: 0,
    asOf: 1,
    stale: false,
    remaining: null,
    saved: { memory: 0, replica: 0, narrowed: 0 },
  };
  const validator = { sources: [], revision: null, walkStarts: [] };
  // Random text takes three quarters when it is compressed.
  const json = randomBytes(size).toString('base64').slice(0, size);
  const { body } = cached(responses.set('key', { json, cost, validator }));
  const compressed = await responses.compressed('key', body, 'br');
  expect(compressed.length).toBeGreaterThan(size / 2);
  expect(responses.get('key')?.body).toBe(body);
});

test('all who ask for the same compressed body at the same time share one compression', async () => {
  const responses = createCachedResponses(1e6, () => '}');
  const cost = {
    calls: 0,
    asOf: 1,
    stale: false,
    remaining: null,
    saved: { memory: 0, replica: 0, narrowed: 0 },
  };
  const validator = { sources: [], revision: null, walkStarts: [] };
  const { body } = cached(responses.set('key', { json: 'row '.repeat(1000), cost, validator }));
  const ask = () => responses.compressed('key', body, 'gzip');
  const [first, second] = await Promise.all([ask(), ask()]);
  expect(second).toBe(first);
  expect(await ask()).toBe(first);
});

test('reissued cursors are replaced where they are, and nowhere else', () => {
  const responses = createCachedResponses(1e6, () => '}');
  const cost = {
    calls: 0,
    asOf: 1,
    stale: false,
    remaining: null,
    saved: { memory: 0, replica: 0, narrowed: 0 },
  };
  const walk = (cursor: string, fields: number) => ({ cursor, walkStart: 1, from: [], fields });
  const validatorOf = (...walkStarts: ReturnType<typeof walk>[]) => ({
    sources: [],
    revision: null,
    walkStarts,
  });
  const validator = validatorOf(walk('BBBB', 1), walk('AAAA', 2));
  // The name is longer than a character for each byte, and another is equal to a new cursor.
  const json = '{"data":{"a":"BBBB","é":"…","b":"AAAA","name":"CCCC","c":"AAAA"}';
  const first = cached(responses.set('key', { json, cost, validator }));
  const reissued = validatorOf(walk('AAAA', 1), walk('CCCC', 2));
  const served = responses.serve('key', first, cost, reissued);
  expect(served.body.toString()).toBe(
    '{"data":{"a":"AAAA","é":"…","b":"CCCC","name":"CCCC","c":"CCCC"}}',
  );
  const again = responses.serve('key', served, cost, validatorOf(walk('DDDD', 1), walk('EEEE', 2)));
  expect(again.body.toString()).toBe(
    '{"data":{"a":"DDDD","é":"…","b":"EEEE","name":"CCCC","c":"EEEE"}}',
  );
});

test.for([
  '{"data":{"cursor":"AAAA","name":"AAAA"}',
  '{"data":{"cursor":"AAAA","name":"say \\"AAAA"}',
  '{"data":{"AAAA":"AAAA"}',
])('a response in which a text cannot be told from a cursor is not cached: %s', (json) => {
  const responses = createCachedResponses(1e6, () => '}');
  const cost = {
    calls: 0,
    asOf: 1,
    stale: false,
    remaining: null,
    saved: { memory: 0, replica: 0, narrowed: 0 },
  };
  const walkStarts = [{ cursor: 'AAAA', walkStart: 1, from: [], fields: 1 }];
  const validator = { sources: [], revision: null, walkStarts };
  expect(responses.set('key', { json, cost, validator })).toBeNull();
  expect(responses.get('key')).toBeUndefined();
});
