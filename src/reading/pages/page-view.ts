import type { Page } from '#src/domain/page.ts';
import type { Row } from '#src/domain/row.ts';
import { rowHashesOf, type RowHash } from './row-hash.ts';

export type Direction = 'forward' | 'backward';

/**
 * A page in reading order. Paging backward is the mirror image of paging forward, with the same
 * rules.
 */
export interface PageView {
  readonly page: Page;
  readonly direction: Direction;
  readonly rows: readonly Row[];
  readonly hashes: readonly RowHash[];
  /** No row precedes its first row. */
  readonly startsList: boolean;
  /** No row follows its last row. */
  readonly endsList: boolean;
}

export function viewOf(page: Page, direction: Direction): PageView {
  const hashes = rowHashesOf(page.rows);
  const isTop = page.offset === 0;
  // An empty page past the end of a list that shrank is not where the list ends.
  const isBottom = !page.hasMore && (page.rows.length > 0 || isTop);
  return direction === 'forward'
    ? { page, direction, rows: page.rows, hashes, startsList: isTop, endsList: isBottom }
    : {
        page,
        direction,
        rows: page.rows.toReversed(),
        hashes: hashes.toReversed(),
        startsList: isBottom,
        endsList: isTop,
      };
}

/** The index in the page's rows of the row at `index` of the view. */
export const indexInPage = ({ direction, rows }: PageView, index: number): number =>
  direction === 'forward' ? index : rows.length - 1 - index;

/** The offset in the list of the row at `index` of the view. */
export const offsetAt = (view: PageView, index: number): number =>
  view.page.offset + indexInPage(view, index);
