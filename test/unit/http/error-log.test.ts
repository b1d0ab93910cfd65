import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { Failure } from '#src/domain/failure.ts';
import { createErrorLog } from '#src/http/response/error-log.ts';

function start() {
  const lines: object[] = [];
  const write = (level: string) => (facts: object, message: string) => {
    lines.push({ level, message, ...facts });
  };
  const log = { debug: write('debug'), warn: write('warn'), error: write('error') };
  return { ...createErrorLog(log), lines };
}

test("a failed read is logged with the vendor's error code and request id, without its message", () => {
  const { record, lines } = start();
  const failure = new Failure('unavailable', "the vendor's message", {
    status: 503,
    upstreamCode: 'down',
    upstreamRequestId: 'req_1',
    cause: new Error('sk_live_1'),
  });
  record(new GraphQLError('masked', { originalError: failure }), { requestId: 'r1' });
  expect(lines).toEqual([
    {
      level: 'warn',
      message: 'An operation failed',
      requestId: 'r1',
      kind: 'unavailable',
      status: 503,
      upstreamCode: 'down',
      upstreamRequestId: 'req_1',
    },
  ]);
});

test('errors that callers cause are logged at level debug', () => {
  const { record, lines } = start();
  for (const kind of ['unauthorized', 'forbidden', 'bad-input', 'rate-limited'] as const) {
    record(new Failure(kind, 'no'));
  }
  record(new GraphQLError('a bad argument'));
  expect(lines.map((line) => 'level' in line && line.level)).toEqual(Array(4).fill('debug'));
});

test('an unexpected error is logged once, with its stack, even if it is reported several times', () => {
  const { record, lines } = start();
  const fault = new TypeError('x is undefined');
  record(fault);
  record(new GraphQLError('masked', { originalError: fault }));
  expect(lines).toMatchObject([{ level: 'error', stack: expect.stringContaining('TypeError: x') }]);
});

test('a thrown value that is not an Error is logged', () => {
  const { record, lines } = start();
  record('a string');
  expect(lines).toMatchObject([{ level: 'error', stack: 'thrown: string' }]);
});
