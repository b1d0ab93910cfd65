import { placeableTimeOf } from '#src/reading/pages/creation-order.ts';
import { type RowHash, rowHashesOf, shortHashOf } from '#src/reading/pages/row-hash.ts';
import { indexInPage, offsetAt, type PageView } from '#src/reading/pages/page-view.ts';

/** A place in a list, by what stood around it: offsets shift under a reader, rows do not. */
export interface Anchor {
  readonly row: RowHash;
  /** Short prints of the rows before it in reading order, nearest first. */
  readonly behind: readonly number[];
  /** Short prints of the rows after it in reading order, nearest first, as far as they were seen. */
  readonly ahead: readonly number[];
  /** Nothing stood before the rows `behind`. */
  readonly behindReachesStart: boolean;
  /** Short prints of rows delivered further back, nearest first. */
  readonly landmarks: readonly number[];
  readonly offset: number;
  readonly total: number;
  /** Null: unknown, or nothing to find the place by. */
  readonly createdAtMs: number | null;
}

/** How many rows on each side a place is remembered by. */
export const neighbourCount = 8;

/** The place after a view's last row, for going on to the page that follows it. */
export function anchorAtEnd(view: PageView, earlier: readonly number[]): Anchor | undefined {
  const last = view.rows.length - 1;
  const row = view.prints[last];
  if (row === undefined) return undefined;
  const before = view.prints.slice(0, last).map(shortHashOf).toReversed();
  return {
    row,
    behind: before.slice(0, neighbourCount),
    ahead: [],
    behindReachesStart: view.startsList && last <= neighbourCount,
    landmarks: [...before.slice(neighbourCount), ...earlier],
    offset: offsetAt(view, last),
    total: view.page.total,
    createdAtMs: placeableTimeOf(view.rows, last),
  };
}

/** The neighbours, in list order, of the row at `index` of a view. */
export function neighboursOf(view: PageView, index: number, reach: number) {
  const { page } = view;
  const at = indexInPage(view, index);
  const prints = rowHashesOf(page.rows);
  return {
    before: prints.slice(Math.max(0, at - reach), at).map(shortHashOf),
    after: prints.slice(at + 1, at + 1 + reach).map(shortHashOf),
    reachesStart: page.offset === 0 && at <= reach,
    reachesEnd: !page.hasMore && at + reach >= prints.length - 1,
  };
}
