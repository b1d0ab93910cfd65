import type { Page } from '#src/domain/page.ts';
import { latestOf, unjoinedSeam } from '#src/reading/pages/coverage.ts';
import {
  type Grid,
  gridOf,
  isOnGrid,
  nearestOffsets,
  pagesIn,
} from '#src/reading/pages/page-grid.ts';
import type { PageLookup } from '#src/reading/session/page-lookup.ts';
import { hasGet } from './id-form.ts';
import { lastSeenOf } from './last-seen.ts';

/** Calls that are sent together. */
export interface Wave {
  /** Offsets of pages, those with the most ids first: the budget can end within a wave. */
  readonly offsets: readonly number[];
  /** Ids that are fetched by a GET each. */
  readonly ids: readonly string[];
}

/**
 * Pages of one wave: half of a key's minute, and fewer than the calls that one tenant can have in
 * flight.
 */
const maxWidth = 25;

/**
 * A search calls at most this number of pages together for each page that was read before. The ids
 * of one screen are often on one page, and a narrow wave may find it; ids that are still missing
 * after several pages are scattered over the account.
 */
const growth = 5;

/**
 * The calls to send next for these ids, chosen again after every wave.
 *
 * Pages where two or more of the ids were last seen come first. For the other ids, GETs are
 * compared with the pages left to read; on a tie the pages win, because they answer later reads,
 * too. Ids that were never seen wait for the pages of the others, which can have them by now. While
 * an id without a GET is missing, pages are read up to the last one.
 */
export function nextWave(pages: PageLookup, missing: ReadonlySet<string>): Wave {
  const fetched = pages.fetched('all');
  const read = offsetsOf(fetched);
  const unread = pages.seen('all').filter(({ offset }) => !read.has(offset));
  const { together, alone, left } = lastSeenOf(unread, missing, maxWidth);
  if (left.size === 0 || together.length === maxWidth) return pagesAt(together);

  const gets = left.values().every(hasGet) ? left.size : Number.POSITIVE_INFINITY;
  const grid = gridOf(pages.seen('all'));
  const total = latestOf(fetched)?.total ?? pages.totalOf('all');
  if (total === undefined) return gets === 1 ? getsOf(left) : pagesAt([0]);
  const [first] = fetched;
  if (first && fetched.length >= maxPages(first)) {
    return together.length > 0 ? pagesAt(together) : getsOf(left);
  }

  // The ids are not in fresh pages, so pages that are not fresh are read first.
  const fresh = offsetsOf(pages.fresh('all', Number.NEGATIVE_INFINITY));
  const unfresh = pagesWithout(fresh.union(new Set(together)), total, grid);
  const areGetsFewer = unfresh !== undefined && gets < unfresh.count;
  if (areGetsFewer && together.length === 0) return getsOf(left);
  const known = [...alone].filter(([, offset]) => isOnGrid(offset, total, grid));
  if (areGetsFewer) return { offsets: together, ids: known.map(([id]) => id) };
  const refreshed = new Set([...together, ...known.map(([, offset]) => offset)]);
  if (refreshed.size > 0) return pagesAt([...refreshed]);
  if (unfresh) return pagesAt(unfresh.first(growth * Math.max(1, read.size)));

  // The ids are nowhere: only pages fetched by this session prove that.
  const unproved = pagesWithout(read, total, grid);
  if (unproved) {
    return gets < unproved.count ? getsOf(left) : pagesAt(unproved.first(maxWidth));
  }
  const seam = unjoinedSeam(fetched, grid);
  return seam === undefined ? getsOf(left) : pagesAt([seam]);
}

/**
 * Upper bound on GETs for one read: more of them than the account has pages, and a few, are never
 * worth it. They would occur where a list changes so fast that its pages do not join.
 */
export const maxGets = (pages: PageLookup): number =>
  pagesIn(pages.totalOf('all') ?? 0, gridOf(pages.seen('all'))) + 6;

/**
 * Upper bound, in case the upstream reports inconsistent pagination: every seam can cost one page
 * more.
 */
const maxPages = (first: Page): number => 2 * pagesIn(first.total, gridOf([first])) + 6;

const pagesAt = (offsets: readonly number[]): Wave => ({
  offsets: offsets.slice(0, maxWidth),
  ids: [],
});

const getsOf = (ids: ReadonlySet<string>): Wave => ({ offsets: [], ids: [...ids] });

const offsetsOf = (pages: readonly Page[]): ReadonlySet<number> =>
  new Set(pages.map(({ offset }) => offset));

/** The grid's pages without those at `known` offsets; undefined: none is left. */
function pagesWithout(known: ReadonlySet<number>, total: number, grid: Grid) {
  const first = (count: number) =>
    nearestOffsets(total, 0, grid)
      .filter((offset) => !known.has(offset))
      .take(count)
      .toArray();
  if (first(1).length === 0) return undefined;
  const knownCount = [...known].filter((offset) => isOnGrid(offset, total, grid)).length;
  return { count: pagesIn(total, grid) - knownCount, first };
}
