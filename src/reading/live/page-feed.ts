import type { Page, Single } from '#src/domain/page.ts';
import type { Row } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { rowsById } from '#src/reading/pages/rows-by-id.ts';
import type { PageStore } from '#src/store/page-store.ts';

/** A row that a page or a GET by id has; null: EnviaAI has no such instance. */
export type FeedLookup = (id: string) => Row | null | undefined;

export interface FeedNews {
  /** What was written. */
  readonly source: Page | Single;
  /** Looks into what was written; undefined: it says nothing new of the id. */
  readonly find: FeedLookup;
  /** When it was asked for, or when the write was answered that changed it. */
  readonly at: number;
  /** A write of ours, or the end of one, has changed rows that EnviaAI sent before. */
  readonly isRewritten: boolean;
}

export interface FeedListener {
  /** Something was written to the page cache. */
  readonly news: (news: FeedNews) => void;
  /** A webhook reports a change of an instance, which responses sent at `at` or later show. */
  readonly nudged: (id: string, at: number) => void;
}

/**
 * Passes on what is written to the page cache, whoever read it: one call of anybody informs all
 * who watch the rows. A write of ours counts too, since it rewrites the pages.
 */
export interface PageFeed {
  /** The page cache, whose writes are passed on. */
  readonly store: PageStore;
  /** Passes on that a webhook reports a change. */
  readonly nudge: (tenant: Tenant, id: string, at: number) => void;
  /** Returns the function that ends it. */
  subscribe(tenant: Tenant, listener: FeedListener): () => void;
}

export function createPageFeed(store: PageStore): PageFeed {
  const listeners = new Map<Tenant, Set<FeedListener>>();

  const notify = (tenant: Tenant, news: FeedNews) => {
    for (const listener of listeners.get(tenant) ?? []) listener.news(news);
  };
  const notifySent = (tenant: Tenant, source: Page | Single) =>
    notify(tenant, { source, find: lookUpIn(source), at: source.sentAt, isRewritten: false });

  function notifyRewritten(tenant: Tenant, before: Page | Single, after: Page | Single): void {
    if (before === after || !listeners.has(tenant)) return;
    const [was, is] = [lookUpIn(before), lookUpIn(after)];
    const find: FeedLookup = (id) => {
      const row = is(id);
      return row === was(id) ? undefined : row;
    };
    const at = after.outdated?.at ?? after.sentAt;
    notify(tenant, { source: after, find, at, isRewritten: true });
  }

  return {
    store: {
      ...store,
      putPage(tenant, page) {
        store.putPage(tenant, page);
        notifySent(tenant, page);
      },
      putSingle(tenant, single) {
        store.putSingle(tenant, single);
        notifySent(tenant, single);
      },
      rewrite(tenant, change) {
        const rewritten: (readonly [Page | Single, Page | Single])[] = [];
        const noted =
          <T extends Page | Single>(apply: (source: T) => T) =>
          (source: T): T => {
            const after = apply(source);
            rewritten.push([source, after]);
            return after;
          };
        store.rewrite(tenant, { page: noted(change.page), single: noted(change.single) });
        for (const [before, after] of rewritten) notifyRewritten(tenant, before, after);
      },
    },
    nudge(tenant, id, at) {
      for (const { nudged } of listeners.get(tenant) ?? []) nudged(id, at);
    },
    subscribe(tenant, listener) {
      const all = listeners.get(tenant) ?? new Set();
      listeners.set(tenant, all.add(listener));
      return () => {
        all.delete(listener);
        if (all.size === 0 && listeners.get(tenant) === all) listeners.delete(tenant);
      };
    },
  };
}

function lookUpIn(source: Page | Single): FeedLookup {
  if ('offset' in source) return (id) => rowsById(source.rows).get(id);
  return (id) => (id === source.id ? source.row : undefined);
}
