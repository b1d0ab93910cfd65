import { placingTimeOf } from '#src/reading/pages/creation-order.ts';
import { type Print, printsOf, shortOf } from '#src/reading/pages/row-hash.ts';
import { indexInPage, offsetAt, type View } from '#src/reading/pages/page-view.ts';

/** A place in a list, by what stood around it: offsets shift under a reader, rows do not. */
export interface Anchor {
  readonly row: Print;
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
export const neighbours = 8;

/** The place after a view's last row, for going on to the page that follows it. */
export function anchorAtEnd(view: View, earlier: readonly number[]): Anchor | undefined {
  const last = view.rows.length - 1;
  const row = view.prints[last];
  if (row === undefined) return undefined;
  const before = view.prints.slice(0, last).map(shortOf).toReversed();
  return {
    row,
    behind: before.slice(0, neighbours),
    ahead: [],
    behindReachesStart: view.startsList && last <= neighbours,
    landmarks: [...before.slice(neighbours), ...earlier],
    offset: offsetAt(view, last),
    total: view.page.total,
    createdAtMs: placingTimeOf(view.rows, last),
  };
}

/** The neighbours, in list order, of the row at `index` of a view. */
export function neighbourhood(view: View, index: number, reach: number) {
  const { page } = view;
  const at = indexInPage(view, index);
  const prints = printsOf(page.rows);
  return {
    before: prints.slice(Math.max(0, at - reach), at).map(shortOf),
    after: prints.slice(at + 1, at + 1 + reach).map(shortOf),
    reachesStart: page.offset === 0 && at <= reach,
    reachesEnd: !page.hasMore && at + reach >= prints.length - 1,
  };
}
