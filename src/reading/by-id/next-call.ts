import type { Page } from '#src/domain/page.ts';
import { unjoinedSeam } from '#src/reading/pages/coverage.ts';
import { type Grid, gridOf, nearestOffsets, pagesIn } from '#src/reading/pages/page-grid.ts';
import { rowsById } from '#src/reading/pages/rows-by-id.ts';
import type { PageLookup } from '#src/reading/session/page-lookup.ts';

/**
 * The offset of the page to fetch next for these ids; undefined: a GET for each id costs fewer
 * calls.
 *
 * A page where two or more of the ids were last seen comes first. Else the GETs are compared with
 * the pages left to read; on a tie the page wins, because it answers later reads, too.
 */
export function nextPageOffset(
  pages: PageLookup,
  missing: ReadonlySet<string>,
): number | undefined {
  const fetched = pages.fetched('all');
  const read = new Set(fetched.map(({ offset }) => offset));
  const lastSeen = lastSeenTogether(pages, missing, read);
  if (lastSeen !== undefined) return lastSeen;

  const grid = gridOf(pages.seen('all'));
  const total = fetched.at(-1)?.total ?? pages.totalOf('all');
  if (total === undefined) return missing.size === 1 ? undefined : 0;
  const [first] = fetched;
  if (first && fetched.length >= maxPages(first)) return undefined;

  // The ids are not in fresh pages, so pages that are not fresh are read first.
  const fresh = new Set(pages.fresh('all', Number.NEGATIVE_INFINITY).map(({ offset }) => offset));
  const unfresh = pagesWithout(fresh, total, grid);
  if (unfresh) return missing.size < unfresh.count ? undefined : unfresh.first;

  // The ids are nowhere: only pages fetched by this session prove that.
  const unread = pagesWithout(read, total, grid);
  const seam = unread ? undefined : unjoinedSeam(fetched, grid);
  const pagesLeft = unread?.count ?? (seam === undefined ? 0 : 1);
  return missing.size < pagesLeft ? undefined : (unread?.first ?? seam);
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

/**
 * The grid's pages without those at `known` offsets: their count and the first; undefined: none is
 * left.
 */
function pagesWithout(known: ReadonlySet<number>, total: number, grid: Grid) {
  const first = nearestOffsets(total, 0, grid).find((offset) => !known.has(offset));
  if (first === undefined) return undefined;
  const pages = pagesIn(total, grid);
  const isOnGrid = (offset: number) => offset % grid.step === 0 && offset / grid.step < pages;
  return { first, count: pages - [...known].filter(isOnGrid).length };
}

/**
 * The offset of the page where the most of the ids were last seen, at least two, if this session
 * has not read it.
 */
function lastSeenTogether(
  pages: PageLookup,
  missing: ReadonlySet<string>,
  read: ReadonlySet<number>,
): number | undefined {
  const candidates = pages.seen('all').flatMap((page) => {
    const rows = rowsById(page.rows);
    const count = [...missing].filter((id) => rows.has(id)).length;
    return count >= 2 && !read.has(page.offset) ? [{ offset: page.offset, count }] : [];
  });
  return candidates.toSorted((a, b) => b.count - a.count || a.offset - b.offset)[0]?.offset;
}
