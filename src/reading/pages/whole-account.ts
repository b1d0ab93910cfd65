import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import { weakMemo } from '#src/domain/weak-memo.ts';

/** Whether a page is the whole list of all instances. */
export const isWholeAccount = (page: Page): boolean =>
  page.filter === 'all' && page.offset === 0 && !page.hasMore;

type Filterable = 'connected' | 'disconnected';

/**
 * Whether a page of the whole account answers the list of a status. CONNECTING is not answered: the
 * vendor does not document whether it counts `qr_pending` there.
 */
export const isFilterable = (filter: StatusFilter): filter is Filterable =>
  filter === 'connected' || filter === 'disconnected';

/**
 * The page of the whole account that a list was filtered from; undefined: EnviaAI sent the list.
 */
export const accountOf = (source: Page | Single): Page | undefined =>
  'account' in source ? source.account : undefined;

/** The list of one status, filtered from the whole account; memoized for each page. */
export const filtered = (account: Page, filter: Filterable): Page => lists[filter](account);

const listOf = (status: Filterable) =>
  weakMemo((account: Page): Page => {
    const rows = account.rows.filter(({ instance }) => instance?.status === status);
    const { length } = rows;
    return { ...account, account, filter: status, rows, rowCount: length, total: length };
  });

const lists = { connected: listOf('connected'), disconnected: listOf('disconnected') };
