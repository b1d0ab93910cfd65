import type { UpstreamCall } from './servers/vendor.ts';

/**
 * The sequential rounds of upstream calls that one operation waited for: a call that began after
 * another one had ended belongs to a later round.
 */
export function roundTripsOf(
  calls: readonly Pick<UpstreamCall, 'startedAt' | 'endedAt'>[],
): number {
  let rounds = 0;
  let lastEnd = Number.NEGATIVE_INFINITY;
  for (const { startedAt, endedAt } of calls.toSorted((a, b) => a.endedAt - b.endedAt)) {
    if (startedAt < lastEnd) continue;
    rounds += 1;
    lastEnd = endedAt;
  }
  return rounds;
}
