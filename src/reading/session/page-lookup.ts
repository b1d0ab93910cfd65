import type { Page, Single } from '#src/domain/page.ts';
import type { Row, StatusFilter } from '#src/domain/row.ts';
import { latestOf } from '#src/reading/pages/coverage.ts';
import { filtered, isFilterable, isWholeAccount } from '#src/reading/pages/whole-account.ts';
import type { TenantPages } from '#src/store/page-store.ts';
import type { FetchedPages } from './fetched-pages.ts';

/** `fresh`: served as it is. `usable`: served, as stale, where no newer page can be fetched. */
export type Age = 'fresh' | 'usable';

/**
 * The pages that a session can read without a call: the tenant's cached pages and those it fetched.
 */
export interface PageLookup {
  readonly isFresh: (source: Page | Single) => boolean;
  /** Fresh pages sent at `since` or later. */
  fresh(filter: StatusFilter, since: number): readonly Page[];
  /** Pages sent at `since` or later that are not expired: fresh or stale. */
  usable(filter: StatusFilter, since: number): readonly Page[];
  /** Pages that a call of this session returned, latest last: evidence of what is gone, too. */
  fetched(filter: StatusFilter): readonly Page[];
  /** The same, after the pages that a resumed search read in earlier sessions. */
  searched(filter: StatusFilter): readonly Page[];
  /** Every cached page, of any age: where rows were last seen. */
  seen(filter: StatusFilter): readonly Page[];
  /**
   * The length of the list as of its latest page, of any age; undefined: no page of it was read.
   */
  totalOf(filter: StatusFilter): number | undefined;
  page(filter: StatusFilter, offset: number, age: Age): Page | undefined;
  single(id: string, age: Age): Single | undefined;
  /** A row that was created lately, so that no list page has to show it. */
  readonly created: (id: string) => Row | undefined;
  /** Revision of the tenant's pages: increases on every write, also of equal content. */
  readonly revision: () => number;
}

export interface PageLookupOptions {
  readonly fetched: FetchedPages;
  readonly tenantPages: () => TenantPages;
  /** Freshness is judged as of this moment, in milliseconds. */
  readonly startedAt: number;
  readonly now: () => number;
  /** 0: only what the session fetched is fresh. */
  readonly freshMs: number;
  /** 0: only what is fresh is usable. */
  readonly staleMs: number;
  readonly created: PageLookup['created'];
}

export function createPageLookup({
  fetched,
  tenantPages,
  startedAt,
  now,
  freshMs,
  staleMs,
  created,
}: PageLookupOptions): PageLookup {
  const isFresh = (source: Page | Single) =>
    fetched.has(source) ||
    (freshMs > 0 && source.sentAt >= startedAt - freshMs && !source.outdated);
  const isUsable = (source: Page | Single) =>
    isFresh(source) ||
    (staleMs > 0 && source.sentAt >= now() - staleMs && source.outdated?.isUsable !== false);
  const hasAge = (source: Page | Single, age: Age) =>
    age === 'fresh' ? isFresh(source) : isUsable(source);

  // The store may have evicted what the session fetched.
  const seen = (filter: StatusFilter) => [
    ...fetched.listed(filter),
    ...tenantPages()
      .pages(filter)
      .filter((page) => !fetched.has(page)),
  ];

  const pagesOfAge = (filter: StatusFilter, since: number, age: Age) => {
    const isGood = (page: Page) => page.sentAt >= since && hasAge(page, age);
    const pages = seen(filter).filter(isGood);
    if (!isFilterable(filter)) return pages;
    const account = seen('all').find((page) => isWholeAccount(page) && isGood(page));
    return account ? [...pages, filtered(account, filter)] : pages;
  };

  return {
    isFresh,
    fresh: (filter, since) => pagesOfAge(filter, since, 'fresh'),
    usable: (filter, since) => pagesOfAge(filter, since, 'usable'),
    fetched: (filter) => fetched.pages(filter),
    searched: (filter) => fetched.searched(filter),
    seen,
    totalOf: (filter) => latestOf(seen(filter))?.total,
    page(filter, offset, age) {
      const isAtOffset = (page: Page) => page.offset === offset;
      const page =
        fetched.listed(filter).findLast(isAtOffset) ?? tenantPages().page(filter, offset);
      return page && hasAge(page, age) ? page : undefined;
    },
    single(id, age) {
      const single = fetched.single(id) ?? tenantPages().single(id);
      return single && hasAge(single, age) ? single : undefined;
    },
    created,
    revision: () => tenantPages().revision(),
  };
}
