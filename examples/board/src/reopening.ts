import type { CombinedError } from 'urql';

/** The wait before the next stream; null: there was no error, or the next one would have it, too. */
export function waitAfter(error: CombinedError | undefined, failures: number): number | null {
  if (!error) return null;
  if (error.networkError) return backoffOf(failures);
  const retryAfter = error.graphQLErrors[0]?.extensions['retryAfter'];
  return typeof retryAfter === 'number' ? retryAfter * 1000 : null;
}

/** Full jitter, so that a server that starts again does not get all screens at once. */
export const backoffOf = (failures: number): number =>
  Math.random() * Math.min(20_000, 1000 * 2 ** failures);
