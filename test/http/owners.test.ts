import { expect, test } from 'vitest';
import { rememberingOwners } from '#src/http/owners.ts';

test('the owner of a key is worked out once for as long as its connection carries no other', () => {
  const hashed: string[] = [];
  const ownerOf = rememberingOwners((apiKey) => {
    hashed.push(apiKey);
    return `owner of ${apiKey}`;
  });
  const [one, other] = [{}, {}];
  const asked = [
    ['a', one],
    ['a', one],
    ['b', one],
    ['b', other],
    ['b', other],
    ['a', one],
  ] as const;
  for (const [key, connection] of asked) expect(ownerOf(key, connection)).toBe(`owner of ${key}`);
  expect(hashed).toEqual(['a', 'b', 'b', 'a']);
});
