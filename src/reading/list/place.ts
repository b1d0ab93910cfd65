import type { Anchor } from '#src/reading/cursor/anchor.ts';
import { shortHashOf } from '#src/reading/pages/row-hash.ts';
import type { PageView } from '#src/reading/pages/page-view.ts';

/** Where reading goes on: before the row at `index` of the view, or at its end. */
export interface Place {
  readonly view: PageView;
  readonly index: number;
}

/** After the row itself. Any held page is good evidence that a row is there. */
export function placeAfterRow(view: PageView, anchor: Anchor): Place | undefined {
  const at = view.prints.indexOf(anchor.row);
  return at < 0 ? undefined : { view, index: at + 1 };
}

/** A place by what is left around it, and whether the row itself is certainly gone. */
export interface PlaceByNeighbours {
  readonly place: Place;
  /** The row stood between two rows of this page, or before the list's end, and does not any more. */
  readonly certain: boolean;
  /** How far from the place the surviving neighbour stood: 0 is next to it. */
  readonly distance: number;
}

/**
 * By the neighbours, when the row itself is not on this page. Only a page that was called for by
 * this request is evidence that it is gone; and only for the stretch that the page shows: where
 * many rows came in behind the neighbour, the row may stand beyond the page. So a page has to show
 * a row of each side, or one before and the end of the list.
 */
export function placeByNeighbours(
  view: PageView,
  { behind, ahead }: Anchor,
): PlaceByNeighbours | undefined {
  const shorts = view.prints.map(shortHashOf);
  const after = ahead.map((short) => shorts.indexOf(short)).filter((at) => at >= 0);
  const distance = behind.findIndex((short) => shorts.includes(short));
  if (distance >= 0) {
    const at = shorts.indexOf(behind[distance] ?? 0);
    const enclosed = view.endsList || after.some((next) => next > at);
    return { place: { view, index: at + 1 }, certain: enclosed, distance };
  }
  // At the row directly after it, never at a later one: before that others may stand.
  const next = ahead[0] === undefined ? -1 : shorts.indexOf(ahead[0]);
  return next < 0 ? undefined : { place: { view, index: next }, certain: true, distance: 0 };
}

/** Whether the place lets a reader go on: rows follow it, or the list ends there. */
export const canContinue = ({ view, index }: Place): boolean =>
  index < view.rows.length || view.endsList;
