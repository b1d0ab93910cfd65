import type { Page } from '#src/domain/page.ts';
import type { Direction } from './page-view.ts';

/** The most rows the vendor gives in one answer [S]. */
export const maxPageRows = 100;

/** How many rows neighbouring pages of the grid share: a page is joined to the next only by a row of both. */
const overlap = 10;

/** How the pages of a list stand, by what the vendor was seen to give. */
export interface Grid {
  /** How many rows a page has. */
  readonly span: number;
  /** How far apart pages begin. */
  readonly step: number;
}

/** The vendor may answer fewer rows than it is asked for, and say that there are more: the grid follows. */
export function gridOf(pages: Iterable<Page>): Grid {
  let span = maxPageRows;
  for (const page of pages) {
    if (page.hasMore && page.rowCount > 0) span = Math.min(span, page.rowCount);
  }
  const step = span > 2 * overlap ? span - overlap : Math.max(1, Math.ceil(span / 2));
  return { span, step };
}

/** The page of the grid that holds the row at `offset` and the most rows that a reader meets after it. */
export function gridOffset(offset: number, direction: Direction, { span, step }: Grid): number {
  const at = Math.max(0, offset);
  return direction === 'forward'
    ? Math.floor(at / step) * step
    : Math.ceil(Math.max(0, at - span + 1) / step) * step;
}

/** A page off the grid, with the row at `offset` in its middle. */
export const centredOffset = (offset: number, { span }: Grid): number =>
  Math.max(0, Math.round(offset - span / 2));

/** How many pages of the grid a list of so many rows covers. */
export const pagesIn = (total: number, { span, step }: Grid): number =>
  1 + Math.max(0, Math.ceil((total - span) / step));

/**
 * The pages of the grid that a list of so many rows covers, those nearest to the row at `middle` first.
 * One by one: what a vendor says of its total may be thousands of millions.
 */
export function* nearestOffsets(total: number, middle: number, grid: Grid): Generator<number> {
  const { span, step } = grid;
  const last = pagesIn(total, grid) - 1;
  const distance = (page: number) => Math.abs(page * step + span / 2 - middle);
  let below = Math.min(last, Math.max(-1, Math.floor((middle - span / 2) / step)));
  let above = below + 1;
  while (below >= 0 || above <= last) {
    if (above > last || (below >= 0 && distance(below) <= distance(above))) {
      yield below * step;
      below -= 1;
    } else {
      yield above * step;
      above += 1;
    }
  }
}
