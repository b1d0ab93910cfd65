import { type Clock, steppedWallClock, unsteppedWallClock } from '#src/domain/clock.ts';

/** A clock that `advance` moves; it calls the alarms that it passes, in order of their times. */
export interface TestClock extends Clock {
  advance(ms: number): void;
  /** Steps the wall clock, forward or back; no time passes. */
  step(ms: number): void;
  /** The alarms that are set. */
  readonly pending: () => number;
}

export function createTestClock(startAt = Date.UTC(2026, 0, 1)): TestClock {
  let now = startAt;
  let wall = unsteppedWallClock;
  const alarms = new Set<{ readonly at: number; readonly ring: () => void }>();
  return {
    now: () => now,
    wall: () => wall,
    setTimer(ms, ring) {
      const alarm = { at: now + ms, ring };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    pending: () => alarms.size,
    step(ms) {
      wall = steppedWallClock(wall, { aheadMs: wall.aheadMs + ms, steppedAt: now });
    },
    advance(ms) {
      now += ms;
      for (const alarm of [...alarms].sort((a, b) => a.at - b.at)) {
        if (alarm.at <= now && alarms.delete(alarm)) alarm.ring();
      }
    },
  };
}
