import type { Page } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import { gridOf, gridOffset } from '#src/reading/pages/page-grid.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { isOutage } from '#src/reading/upstream/is-outage.ts';
import type { Place } from './place.ts';
import type { Walk } from './find-place.ts';
import { viewOf } from '#src/reading/pages/page-view.ts';
import { searchLimitFailure } from '#src/reading/session/search-limit.ts';

/** Where a list begins for its reader: at its first row, or, reading backward, at its last. */
export async function findListStart(op: ReadSession, walk: Walk): Promise<Place> {
  const starts = (page: Page) => viewOf(page, walk.direction).startsList;
  const freshStart = () => op.fresh(walk.filter, walk.since).find(starts);
  const fresh = freshStart() ?? ((await bringStart(op, walk)) ? freshStart() : undefined);
  if (fresh) return placeAtStart(fresh, walk);
  const fallback = op.usable(walk.filter, walk.since).find(starts);
  try {
    return await callForStart(op, walk, fallback !== undefined);
  } catch (failure) {
    if (fallback && isOutage(failure)) return placeAtStart(fallback, walk);
    throw failure;
  }
}

const placeAtStart = (page: Page, { direction }: Walk): Place => ({
  view: viewOf(page, direction),
  index: 0,
});

/** Another replica may hold it. Where the end is, the first page tells. */
async function bringStart(op: ReadSession, { filter, direction }: Walk): Promise<boolean> {
  if (direction === 'forward') return op.bring(filter, 0);
  const knew = op.totalOf(filter) !== undefined;
  const came = !knew && (await op.bring(filter, 0));
  const total = op.totalOf(filter);
  return total === undefined ? came : op.bring(filter, endOffset(op, filter, total));
}

/** The page of the grid where a list of so many rows ends. */
const endOffset = (op: ReadSession, filter: StatusFilter, total: number): number =>
  gridOffset(Math.max(0, total - 1), 'backward', gridOf(op.seen(filter)));

/** A list whose end moves away from its reader is followed so many times. */
const mostCalls = 6;

async function callForStart(op: ReadSession, walk: Walk, fallback: boolean): Promise<Place> {
  const { filter, direction } = walk;
  let total = direction === 'forward' ? 0 : (op.totalOf(filter) ?? 0);
  for (let calls = 0; calls < mostCalls; calls += 1) {
    const offset = direction === 'forward' ? 0 : endOffset(op, filter, total);
    const page = await op.call({ ...walk, offset, fallback, search: null });
    if (viewOf(page, direction).startsList) return placeAtStart(page, walk);
    // The page says where the list ends by now: an empty one, before itself, whatever its total
    // claims; one that has more, at the next row at least.
    if (page.rows.length === 0) total = Math.min(page.total, page.offset);
    else total = page.hasMore ? Math.max(page.total, page.offset + page.rowCount + 1) : page.total;
  }
  throw searchLimitFailure();
}
