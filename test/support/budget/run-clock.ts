import { onTestFinished } from 'vitest';
import type { TestClock } from '#test/support/clock.ts';

const stepMs = 50;

/**
 * Lets the clock go on as the machine's does, until the test ends or the returned function is
 * called: for reads that wait until a window that is about to end has ended.
 */
export function runClock(clock: TestClock): () => void {
  const interval = setInterval(() => clock.advance(stepMs), stepMs);
  const stop = () => clearInterval(interval);
  onTestFinished(stop);
  return stop;
}
