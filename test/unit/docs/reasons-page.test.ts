import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { connectionReasons } from '#src/domain/connection-reason.ts';
import { redisReasons } from '#src/store/redis/redis-reason.ts';

test('docs/operation.md has all reasons of failed connections, and no others', async () => {
  const page = await readFile('docs/operation.md', 'utf8');
  const chapter = page.split('\n## ').find((part) => part.startsWith('Why a connection failed'));
  const rows = [...(chapter ?? '').matchAll(/^\| `([\w-]+)` \| .+ \| .+ \|$/gm)];
  const named = rows.map(([, reason = '']) => reason);
  expect(named).toHaveLength(new Set(named).size);
  expect(new Set(named)).toEqual(new Set<string>([...connectionReasons, ...redisReasons]));
});
