import { expect, test } from 'vitest';
import { createCachedResponses } from '#src/http/response-cache/cached-responses.ts';

test('cursors that begin anew are told apart, also where one becomes what another was', () => {
  const answers = createCachedResponses(1e6, () => '}');
  const data = '{"data":["BBBB","AAAA"]';
  const cost = { calls: 0, asOf: 1, stale: false, saved: { memory: 0, replica: 0, narrowed: 0 } };
  const validator = { sources: [], revision: null, walkStarts: [] };
  const kept = {
    body: Buffer.from(`${data}}`),
    dataLength: data.length,
    cost,
    validator,
  };
  const reissued = new Map([
    ['BBBB', 'AAAA'],
    ['AAAA', 'CCCC'],
  ]);
  const body = answers.serve('key', kept, cost, { validator, reissued });
  expect(body.toString()).toBe('{"data":["AAAA","CCCC"]}');
});
