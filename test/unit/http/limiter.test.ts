import { expect, test } from 'vitest';
import { createLimiter } from '#src/http/response/limiter.ts';

test('no more tasks than the limit run at once, in their order, also after one fails', async () => {
  const limited = createLimiter(2);
  const started: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const tasks = ends.map(({ promise }, index) =>
    limited(() => {
      started.push(index);
      return promise;
    }),
  );
  const settled = Promise.allSettled(tasks);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  expect(started).toEqual([0, 1]);
  ends[1]?.reject(new Error('failed'));
  await turn();
  expect(started).toEqual([0, 1, 2]);
  for (const { resolve } of ends) resolve();
  expect((await settled).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
  expect(started).toEqual([0, 1, 2, 3, 4]);
});
