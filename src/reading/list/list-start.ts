import type { Page } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import { gridOf, gridOffset } from '#src/reading/pages/page-grid.ts';
import { viewOf } from '#src/reading/pages/page-view.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { searchLimitFailure } from '#src/reading/session/search-limit.ts';
import { isOutage } from '#src/reading/upstream/is-outage.ts';
import type { Walk } from './find-place.ts';
import type { Place } from './place.ts';

/** The first row of a list in reading order: its first, or its last when it is read backward. */
export async function findListStart(session: ReadSession, walk: Walk): Promise<Place> {
  const { pages } = session;
  const isStart = (page: Page) => viewOf(page, walk.direction).startsList;
  const freshStart = () => pages.fresh(walk.filter, walk.since).find(isStart);
  const fresh =
    freshStart() ?? ((await fetchStartFromReplica(session, walk)) ? freshStart() : undefined);
  if (fresh) return startOf(fresh, walk);
  const stale = pages.usable(walk.filter, walk.since).find(isStart);
  try {
    return await callForStart(session, walk, stale !== undefined);
  } catch (failure) {
    if (stale && isOutage(failure)) return startOf(stale, walk);
    throw failure;
  }
}

const startOf = (page: Page, { direction }: Walk): Place => ({
  view: viewOf(page, direction),
  index: 0,
});

/**
 * Another replica may have the page. The offset of the list's end follows from the total of its
 * first page.
 */
async function fetchStartFromReplica(
  session: ReadSession,
  { filter, direction }: Walk,
): Promise<boolean> {
  const { pages, replicas } = session;
  if (direction === 'forward') return replicas.fetchPage(filter, 0);
  const isNew = pages.totalOf(filter) === undefined && (await replicas.fetchPage(filter, 0));
  const total = pages.totalOf(filter);
  if (total === undefined) return isNew;
  return replicas.fetchPage(filter, endOffset(session, filter, total));
}

/** The page of the grid at the end of a list of `total` rows. */
const endOffset = ({ pages }: ReadSession, filter: StatusFilter, total: number): number =>
  gridOffset(Math.max(0, total - 1), 'backward', gridOf(pages.seen(filter)));

/** How often an end that moves away is followed. */
const maxCalls = 6;

async function callForStart(
  session: ReadSession,
  walk: Walk,
  hasFallback: boolean,
): Promise<Place> {
  const { filter, direction } = walk;
  let total = direction === 'forward' ? 0 : (session.pages.totalOf(filter) ?? 0);
  for (let calls = 0; calls < maxCalls; calls += 1) {
    const offset = direction === 'forward' ? 0 : endOffset(session, filter, total);
    const page = await session.calls.page({ ...walk, offset, hasFallback, search: null });
    if (viewOf(page, direction).startsList) return startOf(page, walk);
    // An empty page says that the list ends before it, whatever its total; a page with `hasMore`,
    // that it continues for a row at least.
    if (page.rows.length === 0) total = Math.min(page.total, page.offset);
    else total = page.hasMore ? Math.max(page.total, page.offset + page.rowCount + 1) : page.total;
  }
  throw searchLimitFailure();
}
