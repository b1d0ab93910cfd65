import type { Page, Single } from '#src/domain/page.ts';
import type { Row, StatusFilter } from '#src/domain/row.ts';

/** Whether a page holds the whole account. */
export const isWholeAccount = (page: Page): boolean =>
  page.filter === 'all' && page.offset === 0 && !page.hasMore;

/**
 * Whether a list can be narrowed from the whole account. CONNECTING cannot: whether the vendor
 * counts `qr_pending` there is not documented.
 */
export const isFilterable = (filter: StatusFilter): filter is 'connected' | 'disconnected' =>
  filter === 'connected' || filter === 'disconnected';

const made = new WeakMap<Page, Map<StatusFilter, Page>>();
const madeFrom = new WeakMap<Page | Single, Page>();

/** The account that a list was narrowed from; undefined: it was not. */
export const accountOf = (source: Page | Single): Page | undefined => madeFrom.get(source);

/** The list of one status, made from the whole account: the same page each time it is made from the same. */
export function filtered(account: Page, filter: StatusFilter): Page {
  const lists = made.get(account) ?? new Map<StatusFilter, Page>();
  made.set(account, lists);
  const known = lists.get(filter);
  if (known) return known;
  const rows = account.rows.filter((row: Row) => row.instance?.status === filter);
  const list: Page = { ...account, filter, rows, rowCount: rows.length, total: rows.length };
  lists.set(filter, list);
  madeFrom.set(list, account);
  return list;
}
