import { expect, test } from 'vitest';
import { repeat, sleep } from '#src/domain/clock.ts';
import { createTestClock } from '#test/support/clock.ts';

test('a repeated callback is called at every interval until it is stopped', () => {
  const clock = createTestClock(0);
  const calls: number[] = [];
  const stop = repeat(clock.setTimer, 100, () => calls.push(clock.now()));
  for (let ms = 0; ms < 250; ms += 50) clock.advance(50);
  stop();
  clock.advance(100);
  expect(calls).toEqual([100, 200]);
});

test('a sleep ends after its time, or at once when its signal is aborted', async () => {
  const clock = createTestClock(0);
  const short = sleep(clock, 100);
  clock.advance(100);
  await short;
  await sleep(clock, 100, AbortSignal.abort());
  const controller = new AbortController();
  const long = sleep(clock, 100, controller.signal);
  controller.abort();
  await long;
});
