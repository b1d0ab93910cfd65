import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCachedResponses } from '#src/http/response-cache/cached-responses.ts';

test('a response stays in the cache if its compressed form does not fit in beside it', async () => {
  const size = 20_000;
  const responses = createCachedResponses(size + 3000, () => '}');
  const cost = { calls: 0, asOf: 1, stale: false, saved: { memory: 0, replica: 0, narrowed: 0 } };
  const validator = { sources: [], revision: null, walkStarts: [] };
  // Random bytes are as long when they are compressed.
  const body = responses.set('key', { body: randomBytes(size), dataLength: size, cost, validator });
  const compressed = await responses.compressed('key', body, 'br');
  expect(compressed.length).toBeGreaterThan(size / 2);
  expect(responses.get('key')?.body).toBe(body);
});

test('all who ask for the same compressed body at the same time share one compression', async () => {
  const responses = createCachedResponses(1e6, () => '}');
  const cost = { calls: 0, asOf: 1, stale: false, saved: { memory: 0, replica: 0, narrowed: 0 } };
  const validator = { sources: [], revision: null, walkStarts: [] };
  const text = Buffer.from('row '.repeat(1000));
  const body = responses.set('key', { body: text, dataLength: text.length, cost, validator });
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
  const body = responses.serve('key', cached, cost, { validator, reissued });
  expect(body.toString()).toBe('{"data":["AAAA","CCCC"]}');
});
