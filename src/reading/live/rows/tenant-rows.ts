import type { Clock } from '#src/domain/clock.ts';
import type { Row, StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { createNudgedRows } from './nudged-rows.ts';
import type { PageFeed } from '#src/reading/live/page-feed.ts';
import type { ReportingRows } from './reporting-rows.ts';
import { createRowPoller } from './row-poller.ts';
import { createWatchedIds, type WatchedIdsOptions } from './watched-ids.ts';
import { createWatchedList, type WatchedListOptions } from './watched-list.ts';
import type { RowsListener, RowsView, WatchedRows } from './watched-rows.ts';

/** Which rows a subscription watches. */
export interface RowsWatch {
  readonly filter: StatusFilter;
  /** Null: the whole list. */
  readonly ids: ReadonlySet<string> | null;
}

/** How the rows of one tenant are read. */
export type RowReads = Pick<WatchedListOptions, 'readPage' | 'isCreatedLately'> &
  Pick<WatchedIdsOptions, 'readIds'>;

export interface TenantRowsParts {
  readonly feed: Pick<PageFeed, 'subscribe'>;
  readonly clock: Clock;
  readonly pollMs: number;
  readonly maxPages: number;
  readonly timeoutMs: number;
}

export interface TenantRowsOptions extends TenantRowsParts {
  readonly tenant: Tenant;
  readonly reads: RowReads;
  readonly reporting: ReportingRows;
  /** Called when no row is watched any more. */
  readonly onEmpty: () => void;
}

/** The rows of one tenant that are watched, with their poller. */
export interface TenantRows {
  readonly size: () => number;
  readonly viewOf: (watch: RowsWatch) => { readonly view: RowsView; join: Join };
}

/** Adds a listener. Returns the function by which it leaves. */
type Join = (listener: RowsListener) => () => void;

interface Watched {
  readonly rows: WatchedRows;
  readonly listeners: Set<RowsListener>;
  version: number;
}

/** Rows are polled this long after their last subscriber has left: clients reconnect. */
const graceMs = 5000;

export function createTenantRows(options: TenantRowsOptions): TenantRows {
  const { tenant, feed, clock, reads, reporting, onEmpty } = options;
  const reported = { isReported: reporting.has, onChanged: noteChange };
  const parts = { ...options, ...reads, ...reported, now: clock.now };
  const lists = new Map<StatusFilter, Watched & { readonly view: RowsView }>();
  const byId = createWatchedIds(parts);
  const ids: Watched = { rows: byId, listeners: new Set(), version: 0 };
  const all = (): readonly Watched[] => [...lists.values(), ids];
  const nudged = createNudgedRows({
    ...parts,
    readIds: (due, signal) => reads.readIds(due, signal, false),
  });
  /** Subscriptions, with those that have left a moment ago. */
  let size = 0;

  /** A change of status that is found by a poll, before or without its event. */
  function noteChange(was: Row, is: Row): void {
    const isFound = was.instance?.status !== is.instance?.status && !nudged.has(is.key);
    if (isFound) reporting.refute(was);
  }

  function publish(): void {
    for (const watched of all()) {
      const version = watched.rows.version();
      if (version === watched.version) continue;
      watched.version = version;
      for (const { changed } of watched.listeners) changed();
    }
  }

  const poller = createRowPoller({
    ...parts,
    watched: () => [nudged, ...all().map(({ rows }) => rows)],
    onPolled: publish,
    onFailed(failed, error) {
      const watched = all().find(({ rows }) => rows === failed);
      const listeners = [...(watched?.listeners ?? [])];
      watched?.listeners.clear();
      for (const [filter, { rows }] of lists) if (rows === failed) lists.delete(filter);
      for (const { fail } of listeners) fail(error);
    },
  });
  const stopFeed = feed.subscribe(tenant, {
    news(news) {
      for (const { rows } of all()) rows.note(news);
      nudged.note(news);
      publish();
      poller.wake();
    },
    nudged(id, at) {
      // A row that is in none of the lists may have come into one.
      if (lists.size === 0 && !byId.has(id)) return;
      nudged.add(id, at);
      poller.wake();
    },
  });

  function leave(release: () => void): void {
    clock.setTimer(graceMs, () => {
      release();
      size -= 1;
      if (size > 0) return;
      poller.stop();
      stopFeed();
      onEmpty();
    });
  }

  function listOf(filter: StatusFilter) {
    const known = lists.get(filter);
    if (known) return known;
    const rows = createWatchedList({ ...parts, filter });
    const list = { rows, view: rows.view, listeners: new Set<RowsListener>(), version: 0 };
    lists.set(filter, list);
    return list;
  }

  function join(watched: Watched, listener: RowsListener, release: () => void): () => void {
    size += 1;
    watched.listeners.add(listener);
    poller.wake();
    return () => {
      watched.listeners.delete(listener);
      leave(release);
    };
  }

  return {
    size: () => size,
    viewOf(watch) {
      if (watch.ids) {
        const watchedIds = watch.ids;
        const view = byId.add(watchedIds, watch.filter);
        const release = () => byId.remove(watchedIds);
        return { view, join: (listener) => join(ids, listener, release) };
      }
      const { filter } = watch;
      const list = listOf(filter);
      const release = () => {
        if (list.listeners.size === 0 && lists.get(filter) === list) lists.delete(filter);
      };
      return { view: list.view, join: (listener) => join(list, listener, release) };
    },
  };
}
