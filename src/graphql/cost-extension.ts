import type { ExecutionResult } from 'graphql';
import type { ReadCost } from '#src/reading/session/read-cost.ts';

/** The answer with `extensions.enviaai`: what it cost, and how old it is. Nothing where nothing was read. */
export function withCost(result: ExecutionResult, cost: ReadCost | null): ExecutionResult {
  if (!cost) return result;
  const { extensions, ...rest } = result;
  // The last of the answer's bytes: before it, equal data has equal ones.
  return { ...rest, extensions: { ...extensions, ...factsOf(cost) } };
}

/** The bytes with which an answer without errors ends, after its data. */
export const tailOf = (cost: ReadCost | null): string =>
  cost ? `,"extensions":${JSON.stringify(factsOf(cost))}}` : '}';

const factsOf = ({ calls, asOf, stale }: ReadCost) => ({
  enviaai: { calls, asOf: asOf === null ? null : timeOf(asOf), stale },
});

/** The last one written: answers of one moment tell the same. */
let last = { at: 0, text: new Date(0).toISOString() };

function timeOf(at: number): string {
  if (at !== last.at) last = { at, text: new Date(at).toISOString() };
  return last.text;
}

/** How long a browser may keep an answer: as long as its oldest row is fresh. */
export function cacheControlOf(cost: ReadCost | null, freshMs: number, now: number): string {
  if (cost?.asOf === null || cost?.asOf === undefined) return 'no-store';
  const seconds = Math.floor((cost.asOf + freshMs - now) / 1000);
  return `private, max-age=${cost.stale ? 0 : Math.max(0, seconds)}`;
}
