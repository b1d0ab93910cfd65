import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { Failure } from '#src/domain/failure.ts';
import { maskError } from '#src/graphql/errors.ts';

test('a write of unknown outcome tells its client to look, and nothing of EnviaAI but its code', () => {
  const failure = new Failure('outcome-unknown', 'reset by db.internal', {
    status: 500,
    upstreamCode: 'internal_error',
    upstreamRequestId: 'req_1',
    cause: 'ECONNRESET',
  });
  const located = new GraphQLError('', { originalError: failure, path: ['createInstance'] });
  expect(maskError(located).toJSON()).toEqual({
    message: 'EnviaAI may or may not have done this. Look before you try again.',
    path: ['createInstance'],
    extensions: { code: 'OUTCOME_UNKNOWN', upstreamCode: 'internal_error' },
  });
});
