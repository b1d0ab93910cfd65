import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import {
  accountOf,
  isWholeAccount,
  filtered,
  isFilterable,
} from '#src/reading/pages/whole-account.ts';

/** What the calls of one operation brought: good however short freshness lasts, and evidence of what is gone. */
export interface FetchedPages {
  addPage(page: Page): void;
  addSingle(single: Single): void;
  /** Pages of an earlier operation whose search this one goes on with. They are no fresher for that. */
  takeUp(pages: readonly Page[]): void;
  has(source: Page | Single): boolean;
  /** Of this list alone, in the order in which they came. */
  listed(filter: StatusFilter): readonly Page[];
  /** With the list as it is narrowed from a page of the whole account. */
  called(filter: StatusFilter): readonly Page[];
  single(id: string): Single | undefined;
}

export function createFetchedPages(): FetchedPages {
  const pages: Page[] = [];
  const singles = new Map<string, Single>();
  const sources = new Set<Page | Single>();
  const listed = (filter: StatusFilter) => pages.filter((page) => page.filter === filter);

  return {
    addPage(page) {
      pages.push(page);
      sources.add(page);
    },
    addSingle(single) {
      singles.set(single.id, single);
      sources.add(single);
    },
    takeUp(earlier) {
      const known = new Set(pages);
      pages.unshift(...earlier.filter((page) => !known.has(page)));
    },
    has: (source) => sources.has(accountOf(source) ?? source),
    listed,
    called(filter) {
      const account = isFilterable(filter)
        ? pages.findLast((page) => isWholeAccount(page))
        : undefined;
      return account ? [...listed(filter), filtered(account, filter)] : listed(filter);
    },
    single: (id) => singles.get(id),
  };
}
