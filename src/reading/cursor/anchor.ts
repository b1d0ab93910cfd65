import { placeableTimeOf } from '#src/reading/pages/creation-order.ts';
import { indexInPage, offsetAt, type PageView } from '#src/reading/pages/page-view.ts';
import { type RowHash, rowHashesOf, shortHashOf } from '#src/reading/pages/row-hash.ts';

/**
 * A place in a list, described by the rows around it: offsets shift while a client pages, rows do
 * not.
 */
export interface Anchor {
  readonly row: RowHash;
  /** Short hashes of the rows before it in reading order, nearest first. */
  readonly behind: readonly number[];
  /**
   * Short hashes of the rows after it in reading order, nearest first, as far as they were read.
   */
  readonly ahead: readonly number[];
  /** No row preceded the rows of `behind`. */
  readonly behindReachesStart: boolean;
  /** Short hashes of rows delivered further back, nearest first. */
  readonly landmarks: readonly number[];
  readonly offset: number;
  readonly total: number;
  /** Null: unknown, or the place cannot be found by it. */
  readonly createdAtMs: number | null;
}

/** Rows on each side of a place that a full cursor contains. */
export const neighbourCount = 8;

/** The place after a view's last row, where reading continues on the next page. */
export function anchorAtEnd(view: PageView, landmarks: readonly number[]): Anchor | undefined {
  const last = view.rows.length - 1;
  const row = view.hashes[last];
  if (row === undefined) return undefined;
  const before = view.hashes.slice(0, last).map(shortHashOf).toReversed();
  return {
    row,
    behind: before.slice(0, neighbourCount),
    ahead: [],
    behindReachesStart: view.startsList && last <= neighbourCount,
    landmarks: [...before.slice(neighbourCount), ...landmarks],
    offset: offsetAt(view, last),
    total: view.page.total,
    createdAtMs: placeableTimeOf(view.rows, last),
  };
}

/** Short hashes of the rows around the row at `index` of a view, in list order. */
export function neighboursOf(view: PageView, index: number, count: number) {
  const { page } = view;
  const at = indexInPage(view, index);
  const hashes = rowHashesOf(page.rows);
  return {
    before: hashes.slice(Math.max(0, at - count), at).map(shortHashOf),
    after: hashes.slice(at + 1, at + 1 + count).map(shortHashOf),
    reachesStart: page.offset === 0 && at <= count,
    reachesEnd: !page.hasMore && at + count >= hashes.length - 1,
  };
}
