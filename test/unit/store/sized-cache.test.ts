import { expect, test } from 'vitest';
import { createCountedCache, createSizedCache } from '#src/domain/sized-cache.ts';

const byKey = (key: string) => key.length;

test('what was not asked for goes first, the longest kept before others', () => {
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

test('one that is set again keeps its place, its size is counted anew, and it is not the next to go', () => {
  const cache = createSizedCache<string>(10, (_, value) => value.length);
  cache.set('a', 'xxx');
  cache.set('b', 'xxx');
  cache.set('a', 'xxxxx');
  expect(cache.size()).toBe(8);
  cache.set('c', 'xxxx');
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual(['xxxxx', undefined, 'xxxx']);
});

test('so many of a counted cache are kept, and what comes in is not what goes, however much the others are asked for', () => {
  const cache = createCountedCache<number>(2);
  cache.set('a', 1);
  cache.set('b', 2);
  expect(['a', 'b'].map((key) => cache.get(key))).toEqual([1, 2]);
  cache.set('c', 3);
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([undefined, 2, 3]);
  expect(cache.size()).toBe(2);
});

test('one that grows is not what makes room for itself, though it was there first', () => {
  const cache = createSizedCache<string>(10, (_, value) => value.length);
  for (const key of ['a', 'b', 'c']) cache.set(key, 'xxx');
  for (const key of ['a', 'b', 'c']) cache.get(key);
  cache.set('a', 'xxxxxx');
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual(['xxxxxx', undefined, 'xxx']);
});
