import { expect, test } from 'vitest';
import { createSizedCache } from '#src/http/sized-cache.ts';

const byKey = (key: string) => key.length;

test('what was asked for the longest ago goes first', () => {
  const cache = createSizedCache<number>(3, byKey);
  cache.set('a', 1);
  cache.set('b', 2);
  cache.set('c', 3);
  cache.get('a');
  cache.set('d', 4);
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([1, undefined, 3, 4]);
});

test('many large things take no more room than a few', () => {
  const cache = createSizedCache<number>(10, byKey);
  cache.set('small', 1);
  cache.set('far too large', 2);
  expect(cache.get('far too large')).toBeUndefined();
  expect(cache.get('small')).toBe(1);
  cache.set('exactly 10', 3);
  cache.set('exactly 10', 4);
  expect([cache.get('small'), cache.get('exactly 10')]).toEqual([undefined, 4]);
  expect(cache.size()).toBe(10);
});

test('what has grown too large is not there as it was before', () => {
  const cache = createSizedCache<string>(10, (key, value) => key.length + value.length);
  cache.set('key', 'short');
  cache.set('key', 'far too long');
  expect(cache.get('key')).toBeUndefined();
  expect(cache.size()).toBe(0);
});
