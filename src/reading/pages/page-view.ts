import type { Page } from '#src/domain/page.ts';
import type { Row } from '#src/domain/row.ts';
import { type RowHash, rowHashesOf } from './row-hash.ts';

export type Direction = 'forward' | 'backward';

/**
 * A page as a reader meets it: in reading order, so that paging back is the mirror image of
 * paging on and needs no rules of its own.
 */
export interface PageView {
  readonly page: Page;
  readonly direction: Direction;
  readonly rows: readonly Row[];
  readonly prints: readonly RowHash[];
  /** Nothing comes before its first row. */
  readonly startsList: boolean;
  /** Nothing comes after its last row. */
  readonly endsList: boolean;
}

export function viewOf(page: Page, direction: Direction): PageView {
  const prints = rowHashesOf(page.rows);
  // An empty page past the end of a list that shrank is not where the list ends.
  const top = page.offset === 0;
  const bottom = !page.hasMore && (page.rows.length > 0 || top);
  return direction === 'forward'
    ? { page, direction, rows: page.rows, prints, startsList: top, endsList: bottom }
    : {
        page,
        direction,
        rows: page.rows.toReversed(),
        prints: prints.toReversed(),
        startsList: bottom,
        endsList: top,
      };
}

/** Where in the page's own order the row at `index` of the view stands. */
export const indexInPage = ({ direction, rows }: PageView, index: number): number =>
  direction === 'forward' ? index : rows.length - 1 - index;

/** Where in the whole list the row at `index` of the view stands. */
export const offsetAt = (view: PageView, index: number): number =>
  view.page.offset + indexInPage(view, index);
