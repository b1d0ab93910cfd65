/** Several measurements of one figure. */
export interface Spread {
  readonly median: number;
  /** Half of the measurements are nearer to the median than this. */
  readonly deviation: number;
}

export function spreadOf(measured: readonly number[]): Spread {
  const median = medianOf(measured);
  return { median, deviation: medianOf(measured.map((value) => Math.abs(value - median))) };
}

export function medianOf(measured: readonly number[]): number {
  const sorted = measured.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? upper;
  return (lower + upper) / 2;
}

export const meanOf = (measured: readonly number[]): number =>
  measured.reduce((sum, value) => sum + value, 0) / measured.length;

/** Each measurement over the one of the same round. */
export const ratiosOf = (measured: readonly number[], base: readonly number[]): Spread =>
  spreadOf(measured.map((value, round) => value / (base[round] ?? Number.NaN)));

/** The value that the part `q` of all is not above; of values in order. */
export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN;
