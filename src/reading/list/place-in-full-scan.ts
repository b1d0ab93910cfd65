import type { Page } from '#src/domain/page.ts';
import type { Anchor } from '#src/reading/cursor/anchor.ts';
import { chainOf } from '#src/reading/pages/coverage.ts';
import { createdAtMsOf, creationOrderOf } from '#src/reading/pages/creation-order.ts';
import { type Direction, viewOf } from '#src/reading/pages/page-view.ts';
import { shortHashOf } from '#src/reading/pages/row-hash.ts';
import { searchLimitFailure } from '#src/reading/session/search-limit.ts';
import type { Place } from './place.ts';

/**
 * Where to go on when a whole list was read and nothing of what stood around the anchor is left:
 * where everything before it is known to be gone, at the start; by creation time, if the list is in
 * that order; after the nearest landmark; else at the start. Rows may repeat, none is skipped.
 */
export function placeInFullScan(
  pages: readonly Page[],
  direction: Direction,
  anchor: Anchor,
): Place {
  const chain = chainOf(pages);
  if (!chain) throw searchLimitFailure();
  const steps = stepsOf(direction === 'forward' ? chain : chain.toReversed(), direction);
  const start = 0;
  const at = anchor.behindReachesStart
    ? start
    : (byCreation(steps, anchor) ?? afterLandmark(steps, anchor) ?? start);
  return placeAt(steps, at, chain, direction);
}

interface Step extends Place {
  readonly short: number;
  readonly createdAtMs: number | null;
}

function stepsOf(pages: readonly Page[], direction: Direction): Step[] {
  const seen = new Set<string>();
  const steps: Step[] = [];
  for (const page of pages) {
    const view = viewOf(page, direction);
    for (const [index, row] of view.rows.entries()) {
      if (seen.has(row.key)) continue;
      seen.add(row.key);
      steps.push({
        view,
        index,
        short: shortHashOf(view.prints[index] ?? 0),
        createdAtMs: createdAtMsOf(row),
      });
    }
  }
  return steps;
}

function byCreation(steps: readonly Step[], { createdAtMs }: Anchor): number | undefined {
  if (createdAtMs === null) return undefined;
  const order = creationOrderOf(steps.flatMap(({ view, index }) => view.rows[index] ?? []));
  if (order === undefined) return undefined;
  // At the first row that may have come after it: one of the same time may be repeated, not skipped.
  const reached = (time: number) =>
    order === 'ascending' ? time >= createdAtMs : time <= createdAtMs;
  const index = steps.findIndex((step) => reached(step.createdAtMs ?? createdAtMs));
  return index < 0 ? steps.length : index;
}

function afterLandmark(steps: readonly Step[], { landmarks }: Anchor): number | undefined {
  const places = new Map(steps.map(({ short }, index) => [short, index]));
  for (const landmark of landmarks) {
    const index = places.get(landmark);
    if (index !== undefined) return index + 1;
  }
  return undefined;
}

function placeAt(
  steps: readonly Step[],
  at: number,
  chain: readonly Page[],
  direction: Direction,
): Place {
  const step = steps[at];
  if (step) return step;
  const last = direction === 'forward' ? chain.at(-1) : chain[0];
  if (!last) throw searchLimitFailure();
  const view = viewOf(last, direction);
  return { view, index: view.rows.length };
}
