import { expect, test } from 'vitest';
import { createTenantMemo } from '#src/http/auth/tenant-memo.ts';

test('a connection with one key hashes it once, and each connection remembers its last key only', () => {
  const hashed: string[] = [];
  const tenantOf = createTenantMemo((apiKey) => {
    hashed.push(apiKey);
    return `tenant of ${apiKey}`;
  });
  const [one, other] = [{}, {}];
  const requests = [
    ['a', one],
    ['a', one],
    ['b', one],
    ['b', one],
    ['a', one],
    ['b', other],
  ] as const;
  for (const [key, connection] of requests) {
    expect(tenantOf(key, connection)).toBe(`tenant of ${key}`);
  }
  expect(hashed).toEqual(['a', 'b', 'a', 'b']);
});
