import { expect, test } from 'vitest';
import { createKeptAnswers } from '#src/http/kept-answers.ts';

test('cursors that begin anew are told apart, also where one becomes what another was', () => {
  const answers = createKeptAnswers(1e6, () => '}');
  const data = '{"data":["BBBB","AAAA"]';
  const cost = { calls: 0, asOf: 1, stale: false, saved: { memory: 0, replica: 0, narrowed: 0 } };
  const validator = { sources: [], puts: null, begun: [] };
  const kept = {
    body: Buffer.from(`${data}}`),
    dataLength: data.length,
    pieces: [],
    cost,
    validator,
  };
  const reissued = new Map([
    ['BBBB', 'AAAA'],
    ['AAAA', 'CCCC'],
  ]);
  const body = answers.retell('key', kept, cost, { validator, reissued });
  expect(body.toString()).toBe('{"data":["AAAA","CCCC"]}');
});
