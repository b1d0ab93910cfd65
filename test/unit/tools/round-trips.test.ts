import { expect, test } from 'vitest';
import { roundTripsOf } from '#tools/bench/round-trips.ts';

const call = (startedAt: number, endedAt: number | null) => ({ startedAt, endedAt });

test('calls at the same time are one round trip, in whatever order they are recorded', () => {
  expect(roundTripsOf([], 100)).toBe(0);
  expect(roundTripsOf([call(0, 20), call(1, 21), call(5, 19)], 100)).toBe(1);
});

test('a call that began after another had ended is in a later round trip', () => {
  expect(roundTripsOf([call(21, 40), call(0, 20), call(22, 45), call(50, 60)], 100)).toBe(3);
  expect(roundTripsOf([call(0, 20), call(20, 40)], 100)).toBe(2);
});

test('a long call beside a chain of short ones adds no round trip', () => {
  expect(roundTripsOf([call(0, 100), call(0, 20), call(30, 50), call(60, 80)], 100)).toBe(3);
});

test('a call that began after the answer is no round trip; one in progress then is', () => {
  expect(roundTripsOf([call(0, 20), call(30, 50)], 25)).toBe(1);
  expect(roundTripsOf([call(0, 20), call(21, 50), call(22, null)], 25)).toBe(2);
  expect(roundTripsOf([call(0, null)], 25)).toBe(1);
});
