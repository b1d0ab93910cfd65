import type { Page } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Anchor } from './anchor.ts';
import { centredOffset, type Grid, gridOf, gridOffset, gridOffsets } from './grid.ts';
import type { Operation } from './operation.ts';
import { isOutage } from './outage.ts';
import { goesOn, type Place, placeAfterRow, placeByNeighbours } from './place.ts';
import { type Direction, viewOf } from './view.ts';
import { placeInWhole, unjoinedSeam } from './whole.ts';

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
export async function findPlace(op: Operation, walk: Walk, anchor: Anchor): Promise<Place> {
  const fresh = placeAmong(op.fresh(walk.filter, walk.since), walk, anchor);
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
    if (!place || !goesOn(place)) continue;
    if (!best || following(place) > following(best)) best = place;
  }
  return best;
}

async function search(
  op: Operation,
  walk: Walk,
  anchor: Anchor,
  fallback: boolean,
): Promise<Place> {
  const { filter, direction, since } = walk;
  const name = [op.tenant, filter, direction, since, anchor.row].join(' ');
  op.takeUp(name);
  const look = async (offset: number, search: string | null) => {
    const page = await op.call({ ...walk, offset, fallback, search });
    const view = viewOf(page, walk.direction);
    return placeAfterRow(view, anchor) ?? placeByNeighbours(view, anchor);
  };

  // The first is where the row was: no search yet.
  let search: string | null = null;
  for (const offset of ground(op, walk, anchor)) {
    let found = await look(offset, search);
    search = name;
    if (typeof found === 'number') {
      found = await look(centredOffset(found, gridOf(op.seen(filter))), search);
    }
    if (typeof found === 'object' && goesOn(found)) return found;
  }
  return placeInWhole(op.called(walk.filter), walk.direction, anchor);
}

/**
 * Where to look, in order: where the row was, where the change of total says it went, the nearest
 * unread ground, and then the seams that no row joins. What was called for meanwhile is taken
 * into account at every step.
 */
function* ground(op: Operation, { filter, direction }: Walk, anchor: Anchor): Generator<number> {
  const grid = () => gridOf(op.seen(filter));
  yield gridOffset(anchor.offset, direction, grid());
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
  const middle = middleOf(called, anchor);
  const distance = (offset: number) => Math.abs(offset + grid.span / 2 - middle);
  const read = new Set(called.map(({ offset }) => offset));
  return gridOffsets(called.at(-1)?.total ?? 0, grid)
    .filter((offset) => !read.has(offset))
    .toSorted((a, b) => distance(a) - distance(b))[0];
}
