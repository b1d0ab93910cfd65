import { expect, test } from 'vitest';
import { createDocumentCache } from '#src/http/document-cache.ts';

test('what was asked for the longest ago goes first', () => {
  const cache = createDocumentCache<number>(3);
  cache.set('a', 1);
  cache.set('b', 2);
  cache.set('c', 3);
  cache.get('a');
  cache.set('d', 4);
  expect(['a', 'b', 'c', 'd'].map((text) => cache.get(text))).toEqual([1, undefined, 3, 4]);
});

test('many large documents take no more room than a few', () => {
  const cache = createDocumentCache<number>(10);
  cache.set('small', 1);
  cache.set('far too large', 2);
  expect(cache.get('far too large')).toBeUndefined();
  expect(cache.get('small')).toBe(1);
  cache.set('exactly 10', 3);
  cache.set('exactly 10', 4);
  expect([cache.get('small'), cache.get('exactly 10')]).toEqual([undefined, 4]);
});
