/** Summary of several values of one figure. */
export interface Spread {
  readonly median: number;
  /** Median absolute deviation: half of the values are closer to the median than this. */
  readonly deviation: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const median = medianOf(values);
  return { median, deviation: medianOf(values.map((value) => Math.abs(value - median))) };
}

/** NaN for no values. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? upper;
  return (lower + upper) / 2;
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Divides each value by the base of the same round. */
export const ratiosOf = (values: readonly number[], bases: readonly number[]): Spread =>
  spreadOf(values.map((value, round) => value / (bases[round] ?? Number.NaN)));

/**
 * The smallest value that at least the share `q` of all values does not exceed. `sorted`:
 * ascending.
 */
export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN;
