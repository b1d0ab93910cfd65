import type { Failure } from '#src/domain/failure.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { Row, StatusFilter } from '#src/domain/row.ts';
import { impossiblePagination } from '#src/reading/pages/impossible-page.ts';
import { filtered, isFilterable, isWholeAccount } from '#src/reading/pages/whole-account.ts';
import { isFinal } from '#src/reading/live/is-final.ts';
import { createKnownRows, type KnownRowsOptions } from './known-rows.ts';
import { createListScan } from './list-scan.ts';
import { statusMatch } from './status-match.ts';
import {
  firstRetryMs,
  intervalOf,
  isWholeList,
  keysOf,
  ListTooLong,
  maxFirstWaitMs,
  isPaceRefusal,
  type PollJob,
  type PollResult,
  type RowsView,
  staleAgeMs,
  waitsForPace,
  type WatchedRows,
} from './watched-rows.ts';

export interface PageRead {
  readonly page: Page;
  /** Upstream calls that were made for it. */
  readonly calls: number;
  /** Why it is no newer one; null: it is fresh. */
  readonly failure: Failure | null;
}

export interface WatchedListOptions extends KnownRowsOptions {
  readonly filter: StatusFilter;
  readonly pollMs: number;
  readonly maxPages: number;
  /** A fresh page; after an outage, one that may be served as stale. */
  readonly readPage: (
    filter: StatusFilter,
    offset: number,
    signal: AbortSignal,
  ) => Promise<PageRead>;
  /** Whether changes of a row are reported by webhooks. */
  readonly isReported: (row: Row) => boolean;
}

/** A list that is watched as a whole. */
export interface WatchedList extends WatchedRows {
  readonly view: RowsView;
}

interface Retry {
  readonly at: number;
  /** The pace of live calls has refused all calls since the page was read. */
  readonly isRefused: boolean;
}

/** An unchanged list is read by one scan, and one that changes by another, if not by the first. */
const maxFailedScans = 3;

export function createWatchedList(options: WatchedListOptions): WatchedList {
  const { filter, pollMs, maxPages, now, readPage, isReported } = options;
  const known = createKnownRows(options);
  const scan = createListScan();
  /** When a page may be asked for again that could not be read, by its offset. */
  const retries = new Map<number, Retry>();
  /** When the first read failed. */
  let failingSince: number | undefined;
  let isReady = false;
  let wasStale = false;
  let staleChanges = 0;
  let ordered: { readonly version: number; readonly rows: ReadonlyMap<string, Row> } | null = null;
  let order = 0;

  /** The page as one of this list; undefined: it is of another. */
  function ownPage(source: Page | Single): Page | undefined {
    if (!('offset' in source)) return undefined;
    if (source.filter === filter) return source;
    return isFilterable(filter) && isWholeAccount(source) ? filtered(source, filter) : undefined;
  }

  /** A row of a list page that EnviaAI sent for this list, unless a write of ours moved it. */
  function noteListed(row: Row, at: number): void {
    if (statusMatch(row, filter) === 'out') known.remove(row.key, at);
    else known.note(row, at);
  }
  /** A row from elsewhere. */
  function noteForeign(row: Row, at: number): void {
    const match = statusMatch(row, filter);
    if (match === 'out') known.remove(row.key, at);
    else if (match === 'in' || known.get(row.key)) known.note(row, at);
  }

  function notePage(page: Page): void {
    const { offset, sentAt } = page;
    const last = scan.page(offset);
    for (const row of page.rows) noteListed(row, sentAt);
    if (last && last.sentAt > sentAt) return;
    if (last?.rows !== page.rows) order += 1;
    retries.delete(offset);
    const done = scan.add(page);
    if (!done) return;
    isReady = true;
    retries.clear();
    const keys = keysOf(done.chain);
    if (done.chain.length === 1 && isWholeList(page)) known.noteWhole(keys, sentAt);
    else known.noteScan(keys, done.from);
  }

  /** After the pace has refused a page, the oldest page is next. */
  function noteFailure(offset: number, failure: unknown): boolean {
    const isRefused = isPaceRefusal(failure) && (retries.get(offset)?.isRefused ?? true);
    const refusedMs = isReady ? Number.NEGATIVE_INFINITY : firstRetryMs;
    retries.set(offset, { at: now() + (isRefused ? refusedMs : pollMs), isRefused });
    return isPaceRefusal(failure);
  }

  /** Whether it is read on after a failure. Otherwise its subscribers learn why it is not. */
  function isReadOn(failure: unknown): boolean {
    failingSince ??= now();
    if (isFinal(failure)) return false;
    if (scan.pages().length === 0) return waitsForPace(failure, failingSince, now());
    return isReady || isPaceRefusal(failure) || now() < failingSince + maxFirstWaitMs;
  }

  async function poll(offset: number, signal: AbortSignal): Promise<PollResult> {
    try {
      const { page, calls, failure } = await readPage(filter, offset, signal);
      const own = ownPage(page);
      // A page that is known is no news: what has failed since has failed.
      if (own && own.sentAt !== scan.page(offset)?.sentAt) notePage(own);
      return { calls, isRefused: failure !== null && noteFailure(offset, failure) };
    } catch (failure) {
      if (!isReadOn(failure)) throw failure;
      return { calls: 0, isRefused: noteFailure(offset, failure) };
    }
  }

  const asOf = () => Math.min(...scan.pages().map(({ sentAt }) => sentAt));
  /** Of every instance that can be in the list: its pages are those of the whole account. */
  function areAllReported(): boolean {
    const accountPages = scan.pages().map((page) => page.account ?? page);
    const isOfAccount = accountPages.every((page) => page.filter === 'all');
    const rows = accountPages.flatMap((page) => page.rows);
    const areRead = isReady && isOfAccount && rows.length > 0;
    return areRead && rows.every(isReported) && !known.isAnyMissed();
  }
  const intervalMs = () => intervalOf(pollMs, areAllReported());
  function isStale(): boolean {
    if (retries.size === 0) return false;
    const isPaced = retries.values().every(({ isRefused }) => isRefused);
    const calls = scan.length() ?? 1;
    return asOf() <= now() - staleAgeMs({ pollMs, intervalMs: intervalMs(), calls, isPaced });
  }

  function rows(): ReadonlyMap<string, Row> {
    const version = known.version() + order;
    if (ordered?.version === version) return ordered.rows;
    const byKey = new Map<string, Row>();
    const add = (key: string) => {
      const row = known.get(key);
      if (row) byKey.set(key, row);
    };
    for (const page of scan.pages()) for (const { key } of page.rows) add(key);
    for (const key of known.keys()) if (!byKey.has(key)) add(key);
    ordered = { version, rows: byKey };
    return byKey;
  }

  return {
    isReady: () => isReady,
    view: { isReady: () => isReady, rows, asOf, isStale, failure: () => undefined },
    note({ source, find, at, isRewritten }) {
      const own = ownPage(source);
      if (isRewritten) {
        const listed = 'offset' in source ? source.rows : source.row ? [source.row] : [];
        const changed = listed.filter(({ key }) => find(key) !== undefined);
        for (const row of changed) noteForeign(row, at);
      } else if (own) {
        notePage(own);
      } else if ('offset' in source) {
        for (const row of source.rows) noteForeign(row, at);
      } else if (source.row) {
        noteForeign(source.row, at);
      } else {
        known.remove(source.id, at);
      }
    },
    jobs() {
      if ((scan.length() ?? 0) > maxPages) throw new ListTooLong(maxPages);
      if (!isReady && scan.failures() >= maxFailedScans) throw impossiblePagination();
      const gapMs = intervalMs();
      const offsets = scan.offsets();
      const unread = isReady ? [] : offsets.filter((offset) => !scan.page(offset));
      return (unread.length > 0 ? unread : offsets).map((offset): PollJob => {
        const dueAt = (scan.page(offset)?.sentAt ?? Number.NEGATIVE_INFINITY) + gapMs;
        return {
          name: `${filter} ${offset}`,
          dueAt: Math.max(dueAt, retries.get(offset)?.at ?? dueAt),
          isRefused: retries.get(offset)?.isRefused ?? false,
          run: (signal) => poll(offset, signal),
        };
      });
    },
    version() {
      const stale = isStale();
      if (stale !== wasStale) staleChanges += 1;
      wasStale = stale;
      // An empty list is news when it was read.
      return known.version() + staleChanges + Number(isReady);
    },
  };
}
