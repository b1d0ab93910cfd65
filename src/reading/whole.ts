import { Failure } from '#src/domain/failure.ts';
import type { Page } from '#src/domain/page.ts';
import type { Anchor } from './anchor.ts';
import { createdAtMsOf, creationOrderOf } from './creation.ts';
import { centredOffset, type Grid } from './grid.ts';
import type { Place } from './place.ts';
import { shortOf } from './print.ts';
import { type Direction, viewOf } from './view.ts';

const inOrder = (pages: readonly Page[]) => pages.toSorted((a, b) => a.offset - b.offset);

/** Two pages are joined only by a row that both hold: offsets and totals agree by chance. */
function areJoined(a: Page, b: Page): boolean {
  const keys = new Set(a.rows.map(({ key }) => key));
  return b.rows.some(({ key }) => keys.has(key));
}

/** Whether the pages hold a whole list, start to end, every seam joined. */
export function isWhole(pages: readonly Page[]): boolean {
  return chainOf(pages) !== undefined;
}

/** The pages from the start of the list to its end, each joined to the next; undefined where they do not reach. */
function chainOf(pages: readonly Page[]): readonly Page[] | undefined {
  const sorted = inOrder(pages);
  const chain: Page[] = [];
  for (const page of sorted) {
    const last = chain.at(-1);
    if (last && !last.hasMore) break;
    if (!last ? page.offset === 0 : areJoined(last, page)) chain.push(page);
  }
  return chain.at(-1)?.hasMore === false ? chain : undefined;
}

/** Where two neighbouring pages share no row: the offset of a page centred on that seam, if it was not read yet. */
export function unjoinedSeam(pages: readonly Page[], grid: Grid): number | undefined {
  if (isWhole(pages)) return undefined;
  const sorted = inOrder(pages);
  const read = new Set(pages.map(({ offset }) => offset));
  for (const [index, page] of sorted.entries()) {
    const next = sorted[index + 1];
    if (!next || !page.hasMore || areJoined(page, next)) continue;
    const seam = page.offset + page.rows.length + (next.total - page.total);
    const offset = centredOffset(seam, grid);
    if (!read.has(offset)) return offset;
  }
  return undefined;
}

/**
 * Where to go on when a whole list was read and nothing of what stood around the anchor is left:
 * where everything before it is known to be gone, at the start; by creation time, if the list is in
 * that order; after the nearest landmark; else at the start. Rows may repeat, none is skipped.
 */
export function placeInWhole(pages: readonly Page[], direction: Direction, anchor: Anchor): Place {
  const chain = chainOf(pages);
  if (!chain) throw tooMuchSearch();
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
        short: shortOf(view.prints[index] ?? 0),
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
  if (!last) throw tooMuchSearch();
  const view = viewOf(last, direction);
  return { view, index: view.rows.length };
}

const reason = 'The place was not found within the calls of one operation';

/** The same cursor works later: the next attempt goes on where this one stopped. */
export const tooMuchSearch = (): Failure =>
  new Failure('rate-limited', reason, { retryAfterMs: 1000 });

export const isTooMuchSearch = (failure: unknown): boolean =>
  failure instanceof Failure && failure.message === reason;
