import type { ExecutionResult } from 'graphql';
import type { WallClock } from '#src/domain/clock.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';

/** The result with `extensions.enviaai`: its cost and its age. Unchanged if nothing was read. */
export function withCost(
  result: ExecutionResult,
  cost: ReadCost | null,
  wall: WallClock,
): ExecutionResult {
  if (!cost) return result;
  const { extensions, ...rest } = result;
  // At the end of the response, so that responses with equal data begin with equal bytes.
  return { ...rest, extensions: { ...extensions, ...extensionsOf(cost, wall) } };
}

/** The JSON that follows the data of a response without errors. */
export const tailOf = (cost: ReadCost | null, wall: WallClock): string =>
  cost ? `,"extensions":${JSON.stringify(extensionsOf(cost, wall))}}` : '}';

/** Clients compare `asOf` with their clocks, so it is the wall clock's time. */
const extensionsOf = ({ calls, asOf, stale, remaining }: ReadCost, { aheadMs }: WallClock) => ({
  enviaai: {
    calls,
    asOf: asOf === null ? null : new Date(asOf + aheadMs).toISOString(),
    stale,
    remaining,
  },
});

/**
 * The `Cache-Control` of a response: a browser may reuse it while its oldest row is fresh. `now` is
 * by the monotonic clock, as `asOf` is.
 */
export function cacheControlOf(cost: ReadCost | null, freshMs: number, now: number): string {
  if (cost?.asOf === null || cost?.asOf === undefined) return 'no-store';
  const seconds = Math.floor((cost.asOf + freshMs - now) / 1000);
  return `private, max-age=${cost.stale ? 0 : Math.max(0, seconds)}`;
}
