import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import {
  accountOf,
  filtered,
  isFilterable,
  isWholeAccount,
} from '#src/reading/pages/whole-account.ts';

/**
 * What the calls of one session returned. It is fresh however short `FRESH_MS` is, and it is
 * evidence of what is gone, which a cached page is not.
 */
export interface FetchedPages {
  addPage(page: Page): void;
  addSingle(single: Single): void;
  /**
   * Adds the pages of an earlier session whose search this one resumes. They are no fresher for
   * that, and prove nothing but to a search.
   */
  addSearched(pages: readonly Page[]): void;
  /** Whether a call of this session returned it. */
  readonly has: (source: Page | Single) => boolean;
  /** The pages of exactly this list, latest last. */
  listed(filter: StatusFilter): readonly Page[];
  /** The same, with the list filtered from a page of the whole account. */
  pages(filter: StatusFilter): readonly Page[];
  /** The same, after the pages of the searches that this session resumed. */
  searched(filter: StatusFilter): readonly Page[];
  single(id: string): Single | undefined;
}

export function createFetchedPages(): FetchedPages {
  const pages: Page[] = [];
  const singles = new Map<string, Single>();
  const sources = new Set<Page | Single>();
  const resumed: Page[] = [];
  const listed = (filter: StatusFilter) => pages.filter((page) => page.filter === filter);
  const pagesOf = (filter: StatusFilter): readonly Page[] => {
    if (!isFilterable(filter)) return listed(filter);
    const account = pages.findLast((page) => isWholeAccount(page));
    return account ? [...listed(filter), filtered(account, filter)] : listed(filter);
  };

  return {
    addPage(page) {
      pages.push(page);
      sources.add(page);
    },
    addSingle(single) {
      singles.set(single.id, single);
      sources.add(single);
    },
    addSearched: (earlier) => void resumed.push(...earlier),
    has: (source) => sources.has(accountOf(source) ?? source),
    listed,
    pages: pagesOf,
    searched: (filter) => [...resumed.filter((page) => page.filter === filter), ...pagesOf(filter)],
    single: (id) => singles.get(id),
  };
}
