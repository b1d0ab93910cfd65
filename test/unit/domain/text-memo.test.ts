import { expect, test, vi } from 'vitest';
import { textMemo } from '#src/domain/text-memo.ts';

const lengthOf = () => vi.fn((text: string) => ({ length: text.length }));

test('the result of a text is computed once', () => {
  const compute = lengthOf();
  const memoized = textMemo(compute, { maxEntries: 2, maxLength: 10 });
  expect(memoized('json')).toBe(memoized('json'));
  expect(compute).toHaveBeenCalledTimes(1);
});

test('null is a result as any other', () => {
  const compute = vi.fn(() => null);
  const memoized = textMemo(compute, { maxEntries: 2, maxLength: 10 });
  memoized('json');
  expect(memoized('json')).toBeNull();
  expect(compute).toHaveBeenCalledTimes(1);
});

test('no more results are kept than the limit, and none of a longer text', () => {
  const compute = lengthOf();
  const memoized = textMemo(compute, { maxEntries: 2, maxLength: 5 });
  for (const text of ['one', 'two', 'three', 'three', 'too long', 'too long', 'one']) {
    expect(memoized(text)).toEqual({ length: text.length });
  }
  // 'three' replaced all, so 'one' is computed again.
  expect(compute.mock.calls.flat()).toEqual(['one', 'two', 'three', 'too long', 'too long', 'one']);
});
