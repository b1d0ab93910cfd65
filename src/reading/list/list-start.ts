import type { Page } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import { impossiblePagination, isImpossible } from '#src/reading/pages/impossible-page.ts';
import { gridOf, gridOffset } from '#src/reading/pages/page-grid.ts';
import { viewOf } from '#src/reading/pages/page-view.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { searchLimitFailure } from '#src/reading/session/search-limit.ts';
import { isOutage } from '#src/reading/upstream/is-outage.ts';
import { missingContinuation, prefetch } from './continuation.ts';
import type { Walk } from './walk.ts';
import type { Place } from './place.ts';

/**
 * The first row of a list in reading order: its first, or its last when it is read backward. With
 * the page at the end of the list, the page is called for that a window of `count` rows continues
 * on.
 */
export async function findListStart(
  session: ReadSession,
  walk: Walk,
  count: number,
): Promise<Place> {
  const { pages } = session;
  const isStart = (page: Page) => viewOf(page, walk.direction).startsList;
  const freshStart = () => pages.fresh(walk.filter, walk.since).find(isStart);
  const fresh =
    freshStart() ??
    ((await fetchStartFromReplica(session, walk, count)) ? freshStart() : undefined);
  if (fresh) return startOf(fresh, walk);
  const stale = pages.usable(walk.filter, walk.since).find(isStart);
  try {
    return await callForStart(session, walk, { count, hasFallback: stale !== undefined });
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
  walk: Walk,
  count: number,
): Promise<boolean> {
  const { pages, replicas } = session;
  const { filter, direction } = walk;
  if (direction === 'forward') return replicas.fetchPage(filter, 0);
  const isNew = pages.totalOf(filter) === undefined && (await replicas.fetchPage(filter, 0));
  const total = pages.totalOf(filter);
  if (total === undefined) return isNew;
  const page = endOffset(session, filter, total);
  const next = missingContinuation(session, walk, { page, from: total, total, count });
  const lookups = [page, ...(next === undefined ? [] : [next])];
  const found = await Promise.all(lookups.map((at) => replicas.fetchPage(filter, at)));
  return found.includes(true);
}

/** The page of the grid at the end of a list of `total` rows. */
const endOffset = ({ pages }: ReadSession, filter: StatusFilter, total: number): number =>
  gridOffset(Math.max(0, total - 1), 'backward', gridOf(pages.seen(filter)));

/** How often an end that moves away is followed. */
const maxCalls = 6;

async function callForStart(
  session: ReadSession,
  walk: Walk,
  { count, hasFallback }: { readonly count: number; readonly hasFallback: boolean },
): Promise<Place> {
  const { filter, direction } = walk;
  let total = direction === 'forward' ? 0 : (session.pages.totalOf(filter) ?? 0);
  let hasPrefetched = false;
  let isContradictory = false;
  for (let calls = 0; calls < maxCalls; calls += 1) {
    const offset = direction === 'forward' ? 0 : endOffset(session, filter, total);
    const called = session.calls.page({ ...walk, offset, hasFallback, search: null });
    const start = { page: offset, from: total, total, count };
    const next = hasPrefetched ? undefined : missingContinuation(session, walk, start);
    if (next !== undefined) {
      prefetch(session, walk, next);
      hasPrefetched = true;
    }
    const page = await called;
    if (viewOf(page, direction).startsList) return startOf(page, walk);
    isContradictory ||= isImpossible(page, 1);
    // An empty page says that the list ends before it, whatever its total; a page with `hasMore`,
    // that it continues for a row at least.
    if (page.rows.length === 0) total = Math.min(page.total, page.offset);
    else total = page.hasMore ? Math.max(page.total, page.offset + page.rowCount + 1) : page.total;
  }
  throw isContradictory ? impossiblePagination() : searchLimitFailure();
}
