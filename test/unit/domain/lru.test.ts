import { expect, test } from 'vitest';
import { createLru } from '#src/domain/lru.ts';

test('the least recently used value is evicted, and each removed value is disposed of', () => {
  const disposed: string[] = [];
  const cache = createLru<string, { readonly id: number }>(2, ({ id }, key) => {
    disposed.push(`${key} ${id}`);
  });
  cache.set('a', { id: 1 });
  cache.set('b', { id: 2 });
  cache.get('a');
  cache.set('c', { id: 3 });
  cache.set('c', { id: 4 });
  cache.delete('a');
  expect([...cache.keys()]).toEqual(['c']);
  expect(disposed).toEqual(['b 2', 'c 3', 'a 1']);
});
