import { LRUCache } from 'lru-cache';
import { createLru } from '#src/domain/lru.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import { createPutLog } from './put-log.ts';
import type { PageStore, Rewrite, TenantPages } from '#src/store/page-store.ts';

/** Size of a page relative to its bytes: the bytes, and parsed rows of twice their size. */
const parsedFactor = 3;

/** Estimated size of an empty page or an empty tenant: maps, keys, numbers. */
const overheadBytes = 512;

/** Measured size of an empty LRU cache. */
const lruOverheadBytes = 2048;

/** Bounds the memory of one tenant whose client tries ids at random. */
const maxSinglesPerTenant = 1000;

const sizeOf = ({ bytes }: Page | Single): number => bytes.length * parsedFactor + overheadBytes;

/** One tenant's pages, and their estimated size. */
interface StoredTenant extends TenantPages {
  /** Both return false, and change nothing, if the stored page was sent later. */
  readonly putPage: (page: Page, revision: number) => boolean;
  readonly putSingle: (single: Single, revision: number) => boolean;
  readonly rewrite: (change: Rewrite, revision: number) => boolean;
  readonly bytes: () => number;
}

const noPages: readonly Page[] = [];

function createStoredTenant(): StoredTenant {
  const lists = new Map<StatusFilter, Map<number, Page>>();
  let singles: LRUCache<string, Single> | undefined;
  const puts = createPutLog();
  let bytes = overheadBytes;
  let revision = 0;

  // Created with the first single: most tenants have none.
  const openSingles = () => {
    if (singles) return singles;
    bytes += lruOverheadBytes;
    return (singles = createLru<string, Single>(maxSinglesPerTenant, (single) => {
      bytes -= sizeOf(single);
    }));
  };

  return {
    pages: (filter) => [...(lists.get(filter)?.values() ?? noPages)],
    page: (filter, offset) => lists.get(filter)?.get(offset),
    single: (id) => singles?.get(id),
    revision: () => revision,
    putSince: (since) =>
      puts
        .since(since)
        ?.flatMap((place) =>
          'id' in place
            ? (singles?.peek(place.id) ?? [])
            : (lists.get(place.filter)?.get(place.offset) ?? []),
        ),
    bytes: () => bytes + puts.bytes(),
    putPage(page, nextRevision) {
      const list = lists.get(page.filter) ?? new Map<number, Page>();
      const previous = list.get(page.offset);
      if (previous && previous.sentAt > page.sentAt) return false;
      lists.set(page.filter, list);
      // The page moves to the end of the list's order; a single page is there already.
      if (list.size > 1) list.delete(page.offset);
      list.set(page.offset, page);
      bytes += sizeOf(page) - (previous ? sizeOf(previous) : 0);
      revision = nextRevision;
      puts.add({ filter: page.filter, offset: page.offset }, revision);
      return true;
    },
    putSingle(single, nextRevision) {
      const previous = singles?.peek(single.id);
      if (previous && previous.sentAt > single.sentAt) return false;
      if (previous !== single) bytes += sizeOf(single);
      openSingles().set(single.id, single);
      revision = nextRevision;
      puts.add({ id: single.id }, revision);
      return true;
    },
    rewrite(change, nextRevision) {
      const rewritten = new Map<string, Single>();
      for (const list of lists.values()) {
        for (const [offset, page] of list) list.set(offset, change.page(page));
      }
      singles?.forEach((single, id) => {
        const changed = change.single(single);
        if (changed !== single) rewritten.set(id, changed);
      });
      for (const [id, single] of rewritten) {
        bytes += sizeOf(single);
        singles?.set(id, single);
      }
      revision = nextRevision;
      puts.forget(revision);
      return true;
    },
  };
}

/** The pages of this process: an LRU cache of tenants, bounded by their estimated bytes. */
export function createMemoryPageStore(maxBytes: number): PageStore {
  // The size is stored beside the tenant: lru-cache measures a value again only if it is replaced.
  const tenants = new LRUCache<Tenant, { readonly pages: StoredTenant; readonly bytes: number }>({
    maxSize: Math.max(1, Math.floor(maxBytes)),
    sizeCalculation: ({ bytes }) => bytes,
  });
  let revision = 0;

  function put(
    tenant: Tenant,
    write: (pages: StoredTenant, nextRevision: number) => boolean,
  ): void {
    const pages = tenants.get(tenant)?.pages ?? createStoredTenant();
    if (!write(pages, revision + 1)) return;
    revision += 1;
    // Drops the tenant if it is larger than `maxBytes`.
    tenants.set(tenant, { pages, bytes: pages.bytes() });
  }

  return {
    tenant: (tenant) => tenants.get(tenant)?.pages ?? createStoredTenant(),
    putPage: (tenant, page) => put(tenant, (pages, next) => pages.putPage(page, next)),
    putSingle: (tenant, single) => put(tenant, (pages, next) => pages.putSingle(single, next)),
    rewrite(tenant, change) {
      if (tenants.has(tenant)) put(tenant, (pages, next) => pages.rewrite(change, next));
    },
    drop: (tenant) => void tenants.delete(tenant),
    usage: () => ({ bytes: tenants.calculatedSize, tenants: tenants.size }),
  };
}
