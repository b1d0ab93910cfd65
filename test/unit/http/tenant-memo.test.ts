import { expect, test } from 'vitest';
import { memoizeTenant } from '#src/http/response-cache/tenant-memo.ts';

test('the tenant of a key is computed once for each connection', () => {
  const hashed: string[] = [];
  const tenantOf = memoizeTenant((apiKey) => {
    hashed.push(apiKey);
    return `tenant of ${apiKey}`;
  });
  const [one, other] = [{}, {}];
  const calls = [
    ['a', one],
    ['b', one],
    ['a', one],
    ['b', other],
    ['b', one],
    ['b', other],
  ] as const;
  for (const [key, connection] of calls) expect(tenantOf(key, connection)).toBe(`tenant of ${key}`);
  expect(hashed).toEqual(['a', 'b', 'b']);
});

test('the number of memoized keys of one connection is bounded', () => {
  let hashed = 0;
  const tenantOf = memoizeTenant(() => String((hashed += 1)));
  const connection = {};
  for (let key = 0; key < 100; key += 1) tenantOf(String(key), connection);
  tenantOf('99', connection);
  expect(hashed).toBe(100);
  tenantOf('0', connection);
  expect(hashed).toBe(101);
});
