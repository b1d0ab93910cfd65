import type { Clock } from '#src/domain/clock.ts';

/** A clock that stands still until it is told to go on; who sleeps by it wakes as it passes. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

export function createTestClock(startAt = Date.UTC(2026, 0, 1)): TestClock {
  let now = startAt;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted || ms <= 0) return resolve();
        const sleeper = {
          until: now + ms,
          wake: () => {
            sleepers.delete(sleeper);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', sleeper.wake, { once: true });
      }),
    advance(ms) {
      now += ms;
      for (const sleeper of [...sleepers].sort((a, b) => a.until - b.until)) {
        if (sleeper.until <= now) sleeper.wake();
      }
    },
  };
}
