import type { Page } from '#src/domain/page.ts';
import type { Anchor } from '#src/reading/cursor/anchor.ts';
import { latestOf, unjoinedSeam } from '#src/reading/pages/coverage.ts';
import {
  centredOffset,
  type Grid,
  gridOf,
  gridOffset,
  nearestOffsets,
} from '#src/reading/pages/page-grid.ts';
import { offsetAt, viewOf } from '#src/reading/pages/page-view.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import type { SearchName } from '#src/reading/session/search-checkpoints.ts';
import { isSearchLimitFailure } from '#src/reading/session/search-limit.ts';
import { isOutage } from '#src/reading/upstream/is-outage.ts';
import { missingContinuation, prefetch } from './continuation.ts';
import { placeInFullScan } from './place-in-full-scan.ts';
import {
  canContinue,
  type Place,
  placeAfterLandmark,
  placeAfterRow,
  placeByNeighbours,
  type PlaceByNeighbours,
} from './place.ts';
import type { Walk } from './walk.ts';

/**
 * Where reading continues after an anchor: found in fresh pages, else by upstream calls, else,
 * where no call is possible, in stale pages. Never at the bare offset. With the page where the row
 * was, the page is called for that a window of `count` rows continues on.
 */
export async function findPlace(
  session: ReadSession,
  walk: Walk,
  anchor: Anchor,
  count = 0,
): Promise<Place> {
  const { pages, replicas } = session;
  const { filter, direction, since } = walk;
  const freshPlace = () => placeAmong(pages.fresh(filter, since), walk, anchor);
  const offset = () => gridOffset(anchor.offset, direction, gridOf(pages.seen(filter)));
  const continuation = () =>
    missingContinuation(session, walk, {
      page: offset(),
      from: direction === 'forward' ? anchor.offset + 1 : anchor.offset,
      total: pages.totalOf(filter) ?? anchor.total,
      count,
    });
  const fetchFromReplica = async () => {
    const next = continuation();
    const lookups = [offset(), ...(next === undefined ? [] : [next])];
    const found = await Promise.all(lookups.map((at) => replicas.fetchPage(filter, at)));
    return found.includes(true);
  };
  const fresh = freshPlace() ?? ((await fetchFromReplica()) ? freshPlace() : undefined);
  if (fresh) return fresh;
  const stale = placeAmong(pages.usable(filter, since), walk, anchor);
  try {
    const hasFallback = stale !== undefined;
    return await searchPlace(session, walk, anchor, { hasFallback, continuation: continuation() });
  } catch (failure) {
    if (stale && isOutage(failure)) return stale;
    throw failure;
  }
}

/** The place after the anchor's row, on the page with the most rows after it. */
function placeAmong(pages: Iterable<Page>, walk: Walk, anchor: Anchor): Place | undefined {
  let best: Place | undefined;
  const rowsAfter = ({ view, index }: Place) => view.rows.length - index;
  for (const page of pages) {
    const place = placeAfterRow(viewOf(page, walk.direction), anchor);
    if (!place || !canContinue(place)) continue;
    if (!best || rowsAfter(place) > rowsAfter(best)) best = place;
  }
  return best;
}

/**
 * Attempts that end without the place. From then on a landmark will do: rows may repeat, but the
 * walk goes on.
 */
const patientAttempts = 2;

interface SearchOptions {
  readonly hasFallback: boolean;
  /** The page that the window continues on; undefined: it needs none, or has it. */
  readonly continuation: number | undefined;
}

async function searchPlace(
  session: ReadSession,
  walk: Walk,
  anchor: Anchor,
  { hasFallback, continuation }: SearchOptions,
): Promise<Place> {
  const { tenant, pages, calls, recorder } = session;
  const { filter, direction } = walk;
  const name = { tenant, place: [filter, direction, walk.name, anchor.row].join(' ') };
  const attempts = calls.resumeSearch(name);
  // The first call, for the page where the row was, does not count as a search.
  let search: SearchName | null = null;
  let nearest: PlaceByNeighbours | undefined;
  // A neighbour that is the last row of its page says where to look, but not what follows it.
  let fallbackPlace: PlaceByNeighbours | undefined;
  try {
    const offsets = offsetsToSearch(session, walk, anchor, {
      nearest: () => nearest,
      continuation,
    });
    for (const offset of offsets) {
      const called = calls.page({ ...walk, offset, hasFallback, search });
      if (search === null && continuation !== undefined) prefetch(session, walk, continuation);
      const page = await called;
      const view = viewOf(page, direction);
      search = name;
      const place = placeAfterRow(view, anchor);
      if (place && canContinue(place)) return place;
      // The result depends on rows that are not on the pages of the response.
      recorder.markUncacheable();
      const guess = place ? undefined : placeByNeighbours(view, anchor);
      if (guess?.certain && canContinue(guess.place)) return guess.place;
      if (!guess) continue;
      if (guess.distance <= (nearest?.distance ?? guess.distance)) nearest = guess;
      const isNearest = guess.distance <= (fallbackPlace?.distance ?? guess.distance);
      if (canContinue(guess.place) && isNearest) fallbackPlace = guess;
    }
  } catch (failure) {
    if (!isSearchLimitFailure(failure)) throw failure;
    // Within the calls of one operation, the nearest neighbour is the best evidence.
    if (fallbackPlace) return fallbackPlace.place;
    // A list can change faster than it is searched.
    const views = pages.fetched(filter).map((page) => viewOf(page, direction));
    const place = attempts >= patientAttempts ? placeAfterLandmark(views, anchor) : undefined;
    if (place) return place;
    throw failure;
  }
  if (fallbackPlace) return fallbackPlace.place;
  return placeInFullScan(pages.searched(filter), direction, anchor);
}

interface SearchHints {
  /** The nearest surviving neighbour found so far. */
  readonly nearest: () => PlaceByNeighbours | undefined;
  readonly continuation: number | undefined;
}

/**
 * Where to look, in order: where the row was; on the page that was called for together with that;
 * around a neighbour near the edge of these pages; where the change of total moved it; the nearest
 * unread pages; the seams that no row joins. Every step takes into account what was fetched before
 * it.
 */
function* offsetsToSearch(
  { pages }: ReadSession,
  { filter, direction }: Walk,
  anchor: Anchor,
  { nearest, continuation }: SearchHints,
): Generator<number> {
  const grid = () => gridOf(pages.seen(filter));
  yield gridOffset(anchor.offset, direction, grid());
  if (continuation !== undefined) yield continuation;
  const guess = nearest();
  if (guess) yield centredOffset(offsetAt(guess.place.view, guess.place.index - 1), grid());
  yield centredOffset(expectedOffset(pages.searched(filter), anchor), grid());
  for (;;) {
    const searched = pages.searched(filter);
    const next = nearestUnread(searched, anchor, grid()) ?? unjoinedSeam(searched, grid());
    if (next === undefined) return;
    yield next;
  }
}

/** The offset of the anchor's row now, as far as the change of the total shows it. */
function expectedOffset(searched: readonly Page[], anchor: Anchor): number {
  const latest = latestOf(searched);
  return anchor.offset + (latest ? latest.total - anchor.total : 0);
}

function nearestUnread(searched: readonly Page[], anchor: Anchor, grid: Grid): number | undefined {
  const read = new Set(searched.map(({ offset }) => offset));
  const total = latestOf(searched)?.total ?? 0;
  return nearestOffsets(total, expectedOffset(searched, anchor), grid).find(
    (offset) => !read.has(offset),
  );
}
