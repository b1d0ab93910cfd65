import { expect, test } from 'vitest';
import { createCachedResponses } from '#src/http/response-cache/cached-responses.ts';

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
