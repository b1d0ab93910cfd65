import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { TenantPages } from '#src/store/page-store.ts';
import { isWholeAccount, filtered, isFilterable } from '#src/reading/pages/whole-account.ts';
import type { FetchedPages } from './fetched-pages.ts';

/** `fresh`: served as it is. `usable`: served where nothing fresher can be had. */
export type Age = 'fresh' | 'usable';

/** What an operation may answer from without a call: what is held for its key, and what it called for. */
export interface PageLookup {
  is(age: Age, source: Page | Single): boolean;
  pages(age: Age, filter: StatusFilter, since: number): readonly Page[];
  page(age: Age, filter: StatusFilter, offset: number): Page | undefined;
  /** However old. */
  seen(filter: StatusFilter): readonly Page[];
  single(age: Age, id: string): Single | undefined;
}

export interface PageLookupOptions {
  readonly own: FetchedPages;
  readonly shelf: () => TenantPages;
  /** Freshness is judged from here on. */
  readonly startedAt: number;
  readonly now: () => number;
  /** 0: nothing is fresh but what the operation called for. */
  readonly freshMs: number;
  /** 0: nothing is usable but what is fresh. */
  readonly staleMs: number;
}

export function createPageLookup({
  own,
  shelf,
  startedAt,
  now,
  freshMs,
  staleMs,
}: PageLookupOptions): PageLookup {
  const isFresh = (source: Page | Single) =>
    own.has(source) || (freshMs > 0 && source.sentAt >= startedAt - freshMs);
  const isUsable = (source: Page | Single) =>
    isFresh(source) || (staleMs > 0 && source.sentAt >= now() - staleMs);
  const is = (age: Age, source: Page | Single) =>
    age === 'fresh' ? isFresh(source) : isUsable(source);

  // The store may have let go of what the operation called for.
  const seen = (filter: StatusFilter) => [
    ...own.listed(filter),
    ...shelf()
      .pages(filter)
      .filter((page) => !own.has(page)),
  ];

  return {
    is,
    seen,
    pages(age, filter, since) {
      const good = (page: Page) => page.sentAt >= since && is(age, page);
      const pages = seen(filter).filter(good);
      const account = isFilterable(filter)
        ? seen('all').find((page) => isWholeAccount(page) && good(page))
        : undefined;
      return account ? [...pages, filtered(account, filter)] : pages;
    },
    page(age, filter, offset) {
      const atOffset = (page: Page) => page.offset === offset;
      const page = own.listed(filter).findLast(atOffset) ?? shelf().page(filter, offset);
      return page && is(age, page) ? page : undefined;
    },
    single(age, id) {
      const single = own.single(id) ?? shelf().single(id);
      return single && is(age, single) ? single : undefined;
    },
  };
}
