import { expect, test } from 'vitest';
import { createOperationBytes } from '#src/http/stream/operation-bytes.ts';

const operationOf = (bytes: number) => ({ document: 'x'.repeat(bytes - 2), variablesJson: '{}' });
const kilobytes = 1024;

test('one operation may have 64 KiB', () => {
  const operations = createOperationBytes();
  expect(() => operations.assertRoom('a', operationOf(64 * kilobytes))).not.toThrow();
  expect(() => operations.assertRoom('a', operationOf(64 * kilobytes + 1))).toThrow('65536 bytes');
});

test('the operations of one key may have 16 MiB together, and each gives its room back', () => {
  const operations = createOperationBytes();
  const operation = operationOf(64 * kilobytes);
  const removals = Array.from({ length: 256 }, () => operations.add('a', operation));
  expect(() => operations.assertRoom('a', operation)).toThrow('16777216 bytes');
  expect(() => operations.assertRoom('b', operation)).not.toThrow();
  removals[0]?.();
  expect(() => operations.assertRoom('a', operation)).not.toThrow();
});
