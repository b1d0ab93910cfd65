import type { Page } from '#src/domain/page.ts';
import type { Direction } from './page-view.ts';

/** The most rows that EnviaAI sends in one response [S]. */
export const maxPageRows = 100;

/**
 * Rows that neighbouring pages of the grid share: two pages are joined only by a row that both
 * contain.
 */
const overlap = 10;

/** Where the pages of a list lie: at offsets 0, step, 2 × step, … */
export interface Grid {
  /** Rows of a page. */
  readonly span: number;
  /** Rows between the starts of two pages. */
  readonly step: number;
}

/** Pages that decide how many rows EnviaAI sends: one short page among them changes nothing. */
const samplePages = 3;

/**
 * The grid of a list. EnviaAI can send fewer rows than requested although more follow: the grid
 * follows the largest of the latest pages, so that it adapts to a lower limit and recovers from a
 * page that was short once.
 */
export function gridOf(pages: Iterable<Page>): Grid {
  // In one pass: an account can have a thousand pages.
  const latest: Page[] = [];
  for (const page of pages) {
    if (!page.hasMore || page.rowCount === 0) continue;
    const later = latest.findLastIndex((other) => other.sentAt >= page.sentAt) + 1;
    if (later >= samplePages) continue;
    latest.splice(later, 0, page);
    if (latest.length > samplePages) latest.pop();
  }
  const counts = latest.map((page) => page.rowCount);
  const span = counts.length === 0 ? maxPageRows : Math.min(maxPageRows, Math.max(...counts));
  const step = span > 2 * overlap ? span - overlap : Math.max(1, Math.ceil(span / 2));
  return { span, step };
}

/**
 * The page of the grid that contains the row at `offset` and the most rows after it in reading
 * order.
 */
export function gridOffset(offset: number, direction: Direction, { span, step }: Grid): number {
  const at = Math.max(0, offset);
  return direction === 'forward'
    ? Math.floor(at / step) * step
    : Math.ceil(Math.max(0, at - span + 1) / step) * step;
}

/** A page off the grid, with the row at `offset` in its middle. */
export const centredOffset = (offset: number, { span }: Grid): number =>
  Math.max(0, Math.round(offset - span / 2));

/** How many pages of the grid cover a list of `total` rows. */
export const pagesIn = (total: number, { span, step }: Grid): number =>
  1 + Math.max(0, Math.ceil((total - span) / step));

/** Whether the grid of a list of `total` rows has a page at `offset`. */
export const isOnGrid = (offset: number, total: number, grid: Grid): boolean =>
  offset % grid.step === 0 && offset / grid.step < pagesIn(total, grid);

/** Where a window of a list begins. */
export interface WindowPlace {
  readonly direction: Direction;
  /** The offset of the page that the window begins on. */
  readonly page: number;
  /** The offset of the window's first row; read backward, of the row after it in the list. */
  readonly from: number;
  /** The length of the list. */
  readonly total: number;
}

/**
 * The page of the grid that a window of `count` rows continues on; undefined: its first page has
 * all of its rows, or the end of the list.
 */
export function continuationOf(
  { direction, page, from, total }: WindowPlace,
  count: number,
  { span, step }: Grid,
): number | undefined {
  if (direction === 'backward') {
    return page > 0 && from - page < count ? Math.max(0, page - step) : undefined;
  }
  const end = page + span;
  return end < total && end - from < count ? page + step : undefined;
}

/**
 * The offsets of the grid's pages over a list of `total` rows, nearest to the row at `middle`
 * first. A generator, because a vendor's total can be in the thousands of millions.
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
