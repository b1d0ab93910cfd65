import type { Page } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Anchor } from '#src/reading/cursor/anchor.ts';
import {
  centredOffset,
  type Grid,
  gridOf,
  gridOffset,
  nearestOffsets,
} from '#src/reading/pages/page-grid.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { isOutage } from '#src/reading/upstream/is-outage.ts';
import {
  canContinue,
  type PlaceByNeighbours,
  placeByNeighbours,
  type Place,
  placeAfterRow,
} from './place.ts';
import { type Direction, offsetAt, viewOf } from '#src/reading/pages/page-view.ts';
import { isSearchLimitFailure } from '#src/reading/session/search-limit.ts';
import { placeInFullScan } from './place-in-full-scan.ts';
import { unjoinedSeam } from '#src/reading/pages/coverage.ts';

/** One reader's way through a list. */
export interface Walk {
  readonly filter: StatusFilter;
  readonly direction: Direction;
  /** When the walk's first answer was asked for: no older page is used. */
  readonly since: number;
}

/**
 * Where to go on from an anchor: by fresh pages, else by calling, else, when no call can be had,
 * by pages that are merely usable. Never at the bare offset.
 */
export async function findPlace(op: ReadSession, walk: Walk, anchor: Anchor): Promise<Place> {
  const freshPlace = () => placeAmong(op.fresh(walk.filter, walk.since), walk, anchor);
  const where = () => gridOffset(anchor.offset, walk.direction, gridOf(op.seen(walk.filter)));
  const fresh = freshPlace() ?? ((await op.bring(walk.filter, where())) ? freshPlace() : undefined);
  if (fresh) return fresh;
  const fallback = placeAmong(op.usable(walk.filter, walk.since), walk, anchor);
  try {
    return await search(op, walk, anchor, fallback !== undefined);
  } catch (failure) {
    if (fallback && isOutage(failure)) return fallback;
    throw failure;
  }
}

/** After the anchor's own row, on the page where the most rows follow it. */
function placeAmong(pages: Iterable<Page>, walk: Walk, anchor: Anchor): Place | undefined {
  let best: Place | undefined;
  const following = ({ view, index }: Place) => view.rows.length - index;
  for (const page of pages) {
    const place = placeAfterRow(viewOf(page, walk.direction), anchor);
    if (!place || !canContinue(place)) continue;
    if (!best || following(place) > following(best)) best = place;
  }
  return best;
}

async function search(
  op: ReadSession,
  walk: Walk,
  anchor: Anchor,
  fallback: boolean,
): Promise<Place> {
  const { filter, direction, since } = walk;
  const name = [op.tenant, filter, direction, since, anchor.row].join(' ');
  op.takeUp(name);
  // The first call is where the row was: no search yet.
  let search: string | null = null;
  let nearest: PlaceByNeighbours | undefined;
  // A neighbour that is the last row of its page tells where to look, but not what follows it.
  let onward: PlaceByNeighbours | undefined;
  try {
    for (const offset of ground(op, walk, anchor, () => nearest)) {
      const view = viewOf(await op.call({ ...walk, offset, fallback, search }), direction);
      search = name;
      const place = placeAfterRow(view, anchor);
      if (place && canContinue(place)) return place;
      op.hangsOnMore();
      const guess = place ? undefined : placeByNeighbours(view, anchor);
      if (guess?.certain && canContinue(guess.place)) return guess.place;
      if (!guess) continue;
      if (guess.distance <= (nearest?.distance ?? guess.distance)) nearest = guess;
      if (canContinue(guess.place) && guess.distance <= (onward?.distance ?? guess.distance)) {
        onward = guess;
      }
    }
  } catch (failure) {
    // As far as the calls went, the nearest neighbour is the best there is to go by.
    if (onward && isSearchLimitFailure(failure)) return onward.place;
    throw failure;
  }
  if (onward) return onward.place;
  return placeInFullScan(op.called(filter), direction, anchor);
}

/**
 * Where to look, in order: where the row was, around a neighbour seen near the edge of that page,
 * where the change of total says it went, the nearest unread ground, and then the seams that no row joins. What was called for meanwhile is taken
 * into account at every step.
 */
function* ground(
  op: ReadSession,
  { filter, direction }: Walk,
  anchor: Anchor,
  nearest: () => PlaceByNeighbours | undefined,
): Generator<number> {
  const grid = () => gridOf(op.seen(filter));
  yield gridOffset(anchor.offset, direction, grid());
  const guess = nearest();
  if (guess) yield centredOffset(offsetAt(guess.place.view, guess.place.index - 1), grid());
  yield centredOffset(middleOf(op.called(filter), anchor), grid());
  for (;;) {
    const called = op.called(filter);
    const next = nearestUnread(called, anchor, grid()) ?? unjoinedSeam(called, grid());
    if (next === undefined) return;
    yield next;
  }
}

/** Where the anchor's row stands by now, as far as the change of total tells. */
function middleOf(called: readonly Page[], anchor: Anchor): number {
  const latest = called.at(-1);
  return anchor.offset + (latest ? latest.total - anchor.total : 0);
}

function nearestUnread(called: readonly Page[], anchor: Anchor, grid: Grid): number | undefined {
  const read = new Set(called.map(({ offset }) => offset));
  const total = called.at(-1)?.total ?? 0;
  return nearestOffsets(total, middleOf(called, anchor), grid).find((offset) => !read.has(offset));
}
