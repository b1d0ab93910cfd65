import { expect, test } from 'vitest';
import { createBatch } from '#src/telemetry/batch.ts';

test('a batch processes each item once and in order, at the latest when it has 64 items', () => {
  const counted: number[] = [];
  const batch = createBatch<number>((each) => counted.push(each));
  for (let number = 1; number < 64; number += 1) batch.add(number);
  expect(counted).toEqual([]);
  batch.add(64);
  expect(counted).toEqual(Array.from({ length: 64 }, (_, index) => index + 1));

  batch.add(65);
  batch.flush();
  batch.flush();
  expect(counted.slice(64)).toEqual([65]);
});
