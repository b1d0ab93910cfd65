import type { UpstreamCall } from './servers/vendor.ts';

/**
 * The sequential rounds of upstream calls that one operation waited for until it was answered. A
 * call that began after another one had ended belongs to a later round. A call that was still in
 * progress at the answer counts as waited for, up to then.
 */
export function roundTripsOf(
  calls: readonly Pick<UpstreamCall, 'startedAt' | 'endedAt'>[],
  answeredAt: number,
): number {
  const waitedFor = calls
    .filter(({ startedAt }) => startedAt < answeredAt)
    .map(({ startedAt, endedAt }) => ({
      startedAt,
      endedAt: Math.min(endedAt ?? answeredAt, answeredAt),
    }))
    .sort((a, b) => a.endedAt - b.endedAt);
  let rounds = 0;
  let lastEnd = Number.NEGATIVE_INFINITY;
  for (const { startedAt, endedAt } of waitedFor) {
    if (startedAt < lastEnd) continue;
    rounds += 1;
    lastEnd = endedAt;
  }
  return rounds;
}
