import type { Anchor } from '#src/reading/cursor/anchor.ts';
import type { PageView } from '#src/reading/pages/page-view.ts';
import { shortHashOf } from '#src/reading/pages/row-hash.ts';

/** Where reading continues: before the row at `index` of the view, or at its end. */
export interface Place {
  readonly view: PageView;
  readonly index: number;
}

/** The place after the anchor's row. Any cached page is evidence that a row is there. */
export function placeAfterRow(view: PageView, anchor: Anchor): Place | undefined {
  const at = view.hashes.indexOf(anchor.row);
  return at < 0 ? undefined : { view, index: at + 1 };
}

/**
 * The place after the nearest landmark on these pages. The rows after it were delivered, and
 * repeat.
 */
export function placeAfterLandmark(
  views: readonly PageView[],
  { landmarks }: Anchor,
): Place | undefined {
  for (const landmark of landmarks) {
    for (const view of views) {
      const index = view.hashes.findIndex((hash) => shortHashOf(hash) === landmark) + 1;
      if (index > 0 && canContinue({ view, index })) return { view, index };
    }
  }
  return undefined;
}

/** A place found by the rows around the anchor, where the anchor's row is not on the page. */
export interface PlaceByNeighbours {
  readonly place: Place;
  /**
   * The page proves that the row is gone: it shows both sides of the place, or the end of the list.
   */
  readonly certain: boolean;
  /**
   * Rows between the place and the surviving neighbour when the cursor was made; 0: it was next to
   * it.
   */
  readonly distance: number;
}

/**
 * The place after the nearest surviving neighbour before the anchor's row, else at the row directly
 * after it.
 *
 * Only a page fetched by this session proves that a row is gone, and only for the stretch that it
 * shows: many rows can have been inserted behind the neighbour, so that the row lies beyond the
 * page. The page therefore has to show a row of each side, or one before and the end of the list.
 */
export function placeByNeighbours(
  view: PageView,
  { behind, ahead }: Anchor,
): PlaceByNeighbours | undefined {
  const shortHashes = view.hashes.map(shortHashOf);
  const after = ahead.map((shortHash) => shortHashes.indexOf(shortHash)).filter((at) => at >= 0);
  const distance = behind.findIndex((shortHash) => shortHashes.includes(shortHash));
  if (distance >= 0) {
    const at = shortHashes.indexOf(behind[distance] ?? 0);
    const isEnclosed = view.endsList || after.some((next) => next > at);
    return { place: { view, index: at + 1 }, certain: isEnclosed, distance };
  }
  // Only the row directly after it: before a later one, undelivered rows can lie.
  const next = ahead[0] === undefined ? -1 : shortHashes.indexOf(ahead[0]);
  return next < 0 ? undefined : { place: { view, index: next }, certain: true, distance: 0 };
}

/** Whether reading can continue at a place: rows follow it, or the list ends there. */
export const canContinue = ({ view, index }: Place): boolean =>
  index < view.rows.length || view.endsList;
