import { describe, expect, test } from 'vitest';
import {
  createSystemClock,
  monotonicTimeOf,
  repeat,
  sleep,
  unsteppedWallClock,
} from '#src/domain/clock.ts';
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

describe("the machine's clocks", () => {
  /** A machine whose clocks the test sets, an hour after it was started. */
  function createMachine(wallAt = Date.UTC(2026, 0, 1)) {
    let wallNow = wallAt;
    let elapsed = 3_600_000.25;
    const clock = createSystemClock({ wallNow: () => wallNow, elapsed: () => elapsed });
    return {
      clock,
      pass: (ms: number) => {
        wallNow += ms;
        elapsed += ms;
      },
      step: (ms: number) => void (wallNow += ms),
    };
  }

  test('a step of the wall clock changes no time of now, and is noticed', () => {
    const { clock, pass, step } = createMachine();
    const startedAt = clock.now();
    expect(startedAt).toBe(Date.UTC(2026, 0, 1));
    expect(clock.wall()).toEqual(unsteppedWallClock);
    pass(1000);
    step(-3_600_000);
    expect(clock.now()).toBe(startedAt + 1000);
    expect(clock.wall()).toMatchObject({ aheadMs: -3_600_000, steppedAt: startedAt + 1000 });
    pass(500);
    step(3_600_000);
    expect(clock.wall()).toMatchObject({ aheadMs: 0, steppedAt: startedAt + 1500 });
    expect(clock.now()).toBe(startedAt + 1500);
  });

  test('a jitter of the readings is no step', () => {
    const { clock, pass, step } = createMachine();
    for (const ms of [40, -70, 0.4, 20]) {
      step(ms);
      pass(10.3);
      expect(clock.wall()).toEqual(unsteppedWallClock);
    }
    expect(Number.isInteger(clock.now())).toBe(true);
  });

  test('a time of the wall clock is found again, whatever steps followed', () => {
    for (const steps of [[], [-3_600_000], [3_600_000], [-3_600_000, 3_600_000], [5000, -9000]]) {
      const { clock, pass, step } = createMachine();
      pass(700);
      const at = clock.now();
      const shown = at + clock.wall().aheadMs;
      for (const ms of steps) {
        pass(1000);
        step(ms);
        expect(monotonicTimeOf(shown, clock.wall(), clock.now())).toBe(at);
      }
    }
  });

  test('if the wall clock showed a time twice, the later one counts', () => {
    const { clock, pass, step } = createMachine();
    const shown = clock.now();
    pass(1000);
    step(-3_600_000);
    clock.wall();
    pass(3_700_000);
    expect(monotonicTimeOf(shown, clock.wall(), clock.now())).toBe(shown + 3_600_000);
  });

  test('a time that the wall clock never showed is not found', () => {
    const { clock, pass, step } = createMachine();
    pass(1000);
    expect(monotonicTimeOf(clock.now() + 1, clock.wall(), clock.now())).toBeNull();
    step(3_600_000);
    const { aheadMs, steppedAt } = clock.wall();
    expect(monotonicTimeOf(steppedAt + aheadMs - 1, clock.wall(), clock.now())).toBeNull();
  });
});
