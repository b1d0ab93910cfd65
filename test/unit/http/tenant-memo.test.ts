import { expect, test } from 'vitest';
import { memoizeTenant } from '#src/http/response-cache/tenant-memo.ts';

test('the owner of each key is worked out once for as long as its connection lasts', () => {
  const hashed: string[] = [];
  const ownerOf = memoizeTenant((apiKey) => {
    hashed.push(apiKey);
    return `owner of ${apiKey}`;
  });
  const [one, other] = [{}, {}];
  const asked = [
    ['a', one],
    ['b', one],
    ['a', one],
    ['b', other],
    ['b', one],
    ['b', other],
  ] as const;
  for (const [key, connection] of asked) expect(ownerOf(key, connection)).toBe(`owner of ${key}`);
  expect(hashed).toEqual(['a', 'b', 'b']);
});

test('a connection that carries more and more keys is not remembered by all of them', () => {
  let hashed = 0;
  const ownerOf = memoizeTenant(() => String((hashed += 1)));
  const connection = {};
  for (let key = 0; key < 100; key += 1) ownerOf(String(key), connection);
  ownerOf('99', connection);
  expect(hashed).toBe(100);
  ownerOf('0', connection);
  expect(hashed).toBe(101);
});
