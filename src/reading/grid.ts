import type { Page } from '#src/domain/page.ts';
import type { Direction } from './view.ts';

/** The most rows the vendor gives in one answer [S]. */
export const fullPage = 100;

/** How many rows neighbouring pages of the grid share: a page is joined to the next only by a row of both. */
const overlap = 10;

/**
 * How far apart the pages of a list stand, by what the vendor was seen to give: it may answer
 * fewer rows than it is asked for, and say that there are more.
 */
export function stepOf(pages: Iterable<Page>): number {
  let given = fullPage;
  for (const page of pages) {
    if (page.hasMore && page.given > 0) given = Math.min(given, page.given);
  }
  return given > 2 * overlap ? given - overlap : Math.max(1, Math.ceil(given / 2));
}

/** The page of the grid that holds the row at `offset` and the most rows that a reader meets after it. */
export function gridOffset(offset: number, direction: Direction, step: number): number {
  if (direction === 'forward') return Math.floor(Math.max(0, offset) / step) * step;
  const span = step > overlap ? step + overlap : step * 2;
  return Math.ceil(Math.max(0, offset - span + 1) / step) * step;
}

/** A page off the grid, with the row at `offset` in its middle. */
export const centredOffset = (offset: number): number =>
  Math.max(0, Math.round(offset) - fullPage / 2);

/** All of the grid that a list of so many rows covers. */
export function gridOf(total: number, step: number): number[] {
  const span = step > overlap ? step + overlap : step * 2;
  const offsets = [0];
  for (let next = step; next - step + span < total; next += step) offsets.push(next);
  return offsets;
}
