import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { PageStore, TenantPages } from '#src/store/page-store.ts';

/** Parsed rows take about twice the bytes that they came in, and those bytes are held beside them. */
const parsedFactor = 3;

/** What a page or a tenant takes that holds next to nothing: maps, keys, numbers. */
const overheadBytes = 512;

/** Ids that one tenant's GETs are held for; a client that tries ids at random stays bounded by it. */
const mostSingles = 1000;

interface Holdings extends TenantPages {
  readonly lists: Map<StatusFilter, Map<number, Page>>;
  readonly singles: Map<string, Single>;
  bytes: number;
  /** Which of all puts that was. */
  lastPut: number;
  /** Since it last came to be looked at for dropping. */
  used: boolean;
}

const noPages: readonly Page[] = [];

function createHoldings(): Holdings {
  const lists: Holdings['lists'] = new Map();
  const singles: Holdings['singles'] = new Map();
  const holdings: Holdings = {
    lists,
    singles,
    bytes: overheadBytes,
    lastPut: 0,
    used: false,
    pages: (filter) => [...(lists.get(filter)?.values() ?? noPages)],
    page: (filter, offset) => lists.get(filter)?.get(offset),
    single: (id) => singles.get(id),
    revision: () => holdings.lastPut,
  };
  return holdings;
}

const sizeOf = (held: { readonly bytes: Buffer } | undefined): number =>
  held ? held.bytes.length * parsedFactor + overheadBytes : 0;

/** The memory of this process. */
export function createMemoryStore(maxBytes: number): PageStore {
  // The longest held first. One that was used has a second chance when its turn to go has come:
  // moved at each use, it would make V8 build the map anew all the time.
  const tenants = new Map<Tenant, Holdings>();
  let bytes = 0;
  let puts = 0;

  const drop = (tenant: Tenant) => {
    bytes -= tenants.get(tenant)?.bytes ?? 0;
    tenants.delete(tenant);
  };

  const use = (tenant: Tenant): Holdings | undefined => {
    const holdings = tenants.get(tenant);
    if (holdings) holdings.used = true;
    return holdings;
  };

  const open = (tenant: Tenant): Holdings => {
    const held = use(tenant);
    if (held) return held;
    const holdings = createHoldings();
    tenants.set(tenant, holdings);
    bytes += holdings.bytes;
    return holdings;
  };

  const makeRoom = (own: Holdings) => {
    for (const [tenant, held] of tenants) {
      if (bytes <= maxBytes || tenants.size === 1) return;
      if (held.used || held === own) {
        held.used = false;
        tenants.delete(tenant);
        tenants.set(tenant, held);
      } else drop(tenant);
    }
  };

  const grow = (tenant: Tenant, holdings: Holdings, by: number) => {
    // It may have been too large by itself, and have gone.
    if (tenants.get(tenant) !== holdings) return;
    holdings.bytes += by;
    bytes += by;
    makeRoom(holdings);
    if (bytes > maxBytes) drop(tenant);
  };

  /** Replaces what stands at a key, unless what stands there was asked for later. */
  const put = <K, V extends Page | Single>(
    [tenant, holdings]: readonly [Tenant, Holdings],
    map: Map<K, V>,
    key: K,
    value: V,
  ) => {
    const before = map.get(key);
    if (before && before.sentAt > value.sentAt) return;
    // It goes to the end; the only one is there.
    if (map.size > 1) map.delete(key);
    map.set(key, value);
    puts += 1;
    holdings.lastPut = puts;
    grow(tenant, holdings, sizeOf(value) - sizeOf(before));
  };

  return {
    tenant: (tenant) => use(tenant) ?? createHoldings(),
    putPage: (tenant, page) => {
      const holdings = open(tenant);
      const list = holdings.lists.get(page.filter) ?? new Map<number, Page>();
      holdings.lists.set(page.filter, list);
      put([tenant, holdings], list, page.offset, page);
    },
    putSingle: (tenant, single) => {
      const holdings = open(tenant);
      put([tenant, holdings], holdings.singles, single.id, single);
      for (const [id, held] of holdings.singles) {
        if (holdings.singles.size <= mostSingles) break;
        holdings.singles.delete(id);
        grow(tenant, holdings, -sizeOf(held));
      }
    },
    drop,
    usage: () => ({ bytes, tenants: tenants.size }),
  };
}
