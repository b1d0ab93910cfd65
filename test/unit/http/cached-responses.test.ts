import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCachedResponses } from '#src/http/response-cache/cached-responses.ts';

test('a response stays in the cache if its compressed form does not fit in beside it', async () => {
  const size = 20_000;
  const responses = createCachedResponses(size + 3000, () => '}');
  const cost = { calls: 0, asOf: 1, stale: false, saved: { memory: 0, replica: 0, narrowed: 0 } };
  const validator = { sources: [], revision: null, walkStarts: [] };
  // Random text takes three quarters when it is compressed.
  const json = randomBytes(size).toString('base64').slice(0, size);
  const { body } = responses.set('key', { json, cost, validator });
  const compressed = await responses.compressed('key', body, 'br');
  expect(compressed.length).toBeGreaterThan(size / 2);
  expect(responses.get('key')?.body).toBe(body);
});

test('all who ask for the same compressed body at the same time share one compression', async () => {
  const responses = createCachedResponses(1e6, () => '}');
  const cost = { calls: 0, asOf: 1, stale: false, saved: { memory: 0, replica: 0, narrowed: 0 } };
  const validator = { sources: [], revision: null, walkStarts: [] };
  const { body } = responses.set('key', { json: 'row '.repeat(1000), cost, validator });
  const ask = () => responses.compressed('key', body, 'gzip');
  const [first, second] = await Promise.all([ask(), ask()]);
  expect(second).toBe(first);
  expect(await ask()).toBe(first);
});

test('reissued cursors are replaced correctly if one gets the former text of another', () => {
  const responses = createCachedResponses(1e6, () => '}');
  const data = '{"data":["BBBB","AAAA"]';
  const cost = { calls: 0, asOf: 1, stale: false, saved: { memory: 0, replica: 0, narrowed: 0 } };
  const validator = { sources: [], revision: null, walkStarts: [] };
  const cached = {
    body: Buffer.from(`${data}}`),
    dataLength: data.length,
    cost,
    validator,
  };
  const reissued = new Map([
    ['BBBB', 'AAAA'],
    ['AAAA', 'CCCC'],
  ]);
  const served = responses.serve('key', cached, cost, { validator, reissued });
  expect(served.body.toString()).toBe('{"data":["AAAA","CCCC"]}');
});
