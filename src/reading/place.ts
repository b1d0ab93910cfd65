import type { Anchor } from './anchor.ts';
import { shortOf } from './print.ts';
import { offsetAt, type View } from './view.ts';

/** Where reading goes on: before the row at `index` of the view, or at its end. */
export interface Place {
  readonly view: View;
  readonly index: number;
}

/** How many rows have to follow a surviving neighbour for its page to show that the row itself is gone. */
const enoughAhead = 10;

/** After the row itself. Any held page is good evidence that a row is there. */
export function placeAfterRow(view: View, anchor: Anchor): Place | undefined {
  const at = view.prints.indexOf(anchor.row);
  return at < 0 ? undefined : { view, index: at + 1 };
}

/**
 * By the neighbours, when the row itself is not on this page: only a page that was called for by
 * this request is evidence that it is gone.
 *
 * A number is the offset of a surviving neighbour so near the page's edge that the row may stand
 * just beyond it: a page centred there has to be read first.
 */
export function placeByNeighbours(view: View, anchor: Anchor): Place | number | undefined {
  const shorts = view.prints.map(shortOf);
  for (const neighbour of anchor.behind) {
    const at = shorts.indexOf(neighbour);
    if (at < 0) continue;
    const follow = shorts.length - 1 - at;
    if (follow >= enoughAhead || view.endsList) return { view, index: at + 1 };
    return offsetAt(view, at);
  }
  // At it, never at a later row: between a later one and this place others may stand.
  const at = anchor.ahead === undefined ? -1 : shorts.indexOf(anchor.ahead);
  return at < 0 ? undefined : { view, index: at };
}

/** Whether the place lets a reader go on: rows follow it, or the list ends there. */
export const goesOn = ({ view, index }: Place): boolean =>
  index < view.rows.length || view.endsList;
