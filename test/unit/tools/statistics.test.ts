import { expect, test } from 'vitest';
import { meanOf, medianOf, quantile, ratiosOf, spreadOf } from '#tools/bench/statistics.ts';

test('the median is the middle value, or the mean of the two middle values', () => {
  expect(medianOf([5, 1, 100])).toBe(5);
  expect(medianOf([4, 1, 100, 2])).toBe(3);
  expect(medianOf([7])).toBe(7);
  expect(medianOf([])).toBeNaN();
});

test('one disturbed round does not change the median and the deviation', () => {
  expect(spreadOf([10, 11, 9, 10, 500])).toEqual({ median: 10, deviation: 1 });
});

test('ratios are computed within a round: a slow round of all servers changes no ratio', () => {
  expect(ratiosOf([10, 40, 10], [20, 80, 20])).toEqual({ median: 0.5, deviation: 0 });
});

test('a quantile is one of the values', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(quantile(hundred, 0.99)).toBe(99);
  expect(quantile(hundred, 0.5)).toBe(50);
  expect(quantile(hundred, 1)).toBe(100);
  expect(quantile([3], 0.99)).toBe(3);
});

test('the mean includes every round', () => {
  expect(meanOf([0, 0, 3])).toBe(1);
});
