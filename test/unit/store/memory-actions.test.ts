import { expect, test } from 'vitest';
import type { BeginOptions } from '#src/store/action-records.ts';
import { createMemoryActionRecords } from '#src/store/memory/memory-action-records.ts';

const options: BeginOptions = { lostMs: 0, signal: new AbortController().signal };

function createRecords() {
  let now = 0;
  let size = () => 0;
  const records = createMemoryActionRecords(
    () => now,
    (_name, entries) => void (size = entries),
  );
  return {
    begin: (name: string) => records.begin('tenant', name, options),
    size: () => size(),
    advance: (ms: number) => (now += ms),
    finish: async (name: string, lifetimeMs: number) => {
      const record = await records.begin('tenant', name, options);
      if (record.kind === 'begun') await record.finish('outcome', lifetimeMs);
      return record.kind;
    },
  };
}

test('an outcome that has expired leaves the memory, and no other does', async () => {
  const { begin, finish, advance, size } = createRecords();
  await finish('create', 86_400_000);
  for (let line = 0; line < 100; line += 1) await finish(`connect:${line}`, 60_000);
  expect(size()).toBe(101);
  advance(60_000);
  expect(await finish('connect:0', 60_000)).toBe('begun');
  expect(size()).toBe(2);
  expect(await begin('create')).toMatchObject({ kind: 'finished', outcome: 'outcome' });
});
