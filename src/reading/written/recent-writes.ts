import type { LRUCache } from 'lru-cache';
import { createLru } from '#src/domain/lru.ts';
import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';
import type { Outdated, Page, Single } from '#src/domain/page.ts';
import type { Row } from '#src/domain/row.ts';
import { maxTenants, type Tenant } from '#src/domain/tenant.ts';
import type { Write } from '#src/domain/write.ts';
import { rowsById } from '#src/reading/pages/rows-by-id.ts';
import { afterWrite, noteAgreement, overlayMs, type RowWrites, withPatches } from './row-writes.ts';

/** Rows of a tenant whose last writes are remembered. */
const maxRows = 1000;

/**
 * Read-your-writes: the recent writes of each tenant, and what they mean for pages.
 *
 * A page that was sent before a write was answered, and that contains the row, is outdated: it is
 * not fresh. What the answer says of the row is laid over it, so that the page may still be served
 * as stale; after a write whose outcome is unknown, it may not. EnviaAI's list may lag behind its
 * answers: the same is laid over pages sent later, for ten seconds, or until a list page shows it.
 */
export interface RecentWrites {
  /**
   * Remembers a write that was answered, or failed, now; with an age, so long ago, at another
   * replica. The age may be too small, and the write may be older than others that are known.
   * Returns when it was answered: responses that were sent earlier are outdated.
   */
  record(tenant: Tenant, write: Write, ageMs?: number): number;
  /** The page as the writes leave it. A page from EnviaAI can end what is laid over rows. */
  page(tenant: Tenant, page: Page): Page;
  single(tenant: Tenant, single: Single): Single;
  /** When the last write of a tenant was answered; -Infinity: there was none lately. */
  lastAt(tenant: Tenant): number;
  /** A row that was created lately and that no list page has shown since. */
  created(tenant: Tenant, id: string): Row | undefined;
}

interface Created {
  readonly row: Row;
  readonly until: number;
}

interface TenantWrites {
  /** When the last write of any kind was answered. */
  at: number;
  createdAt: number;
  /** When the last write was answered that can have moved a row from one list to another. */
  movedAt: number;
  readonly rows: LRUCache<string, RowWrites>;
  readonly created: Map<string, Created>;
}

export interface RecentWritesOptions {
  readonly now: () => number;
  /** How old a page can be that is written to the cache, in milliseconds. */
  readonly maxPageAgeMs: number;
  readonly track?: TrackEntries | undefined;
}

export function createRecentWrites(options: RecentWritesOptions): RecentWrites {
  const { now, maxPageAgeMs, track = untracked } = options;
  const lifetimeMs = Math.max(maxPageAgeMs, overlayMs);
  const tenants = createLru<Tenant, TenantWrites>(maxTenants);
  track('written_tenants', () => tenants.size);

  const writesOf = (tenant: Tenant): TenantWrites | undefined => {
    const writes = tenants.get(tenant);
    if (!writes || writes.at + lifetimeMs >= now()) return writes;
    tenants.delete(tenant);
    return undefined;
  };

  return {
    record(tenant, write, ageMs = 0) {
      const writes = writesOf(tenant) ?? createTenantWrites();
      tenants.set(tenant, writes);
      // A call sent in this millisecond may have been sent before the answer.
      const at = now() + 1 - ageMs;
      const until = at + overlayMs;
      writes.at = Math.max(writes.at, at);
      if (write.kind === 'create') {
        writes.createdAt = Math.max(writes.createdAt, at);
        const { row } = write;
        dropExpired(writes, now());
        if (row) writes.created.set(row.key, { row, until });
        return at;
      }
      if (write.kind !== 'update' || write.fields === null) {
        writes.movedAt = Math.max(writes.movedAt, at);
      }
      const created = writes.created.get(write.id);
      const rowWrites = afterWrite(writes.rows.get(write.id), write, { at, until });
      writes.rows.set(write.id, rowWrites);
      if (created) {
        writes.created.set(write.id, { ...created, row: withPatches(rowWrites, created.row, 0) });
      }
      return at;
    },

    page(tenant, page) {
      const writes = writesOf(tenant);
      return writes && page.account === undefined ? pageAfter(writes, page) : page;
    },

    single(tenant, single) {
      const writes = writesOf(tenant);
      return writes ? singleAfter(writes, single, now()) : single;
    },

    lastAt: (tenant) => writesOf(tenant)?.at ?? Number.NEGATIVE_INFINITY,

    created(tenant, id) {
      const writes = writesOf(tenant);
      return writes && createdOf(writes, id, now());
    },
  };
}

const createTenantWrites = (): TenantWrites => ({
  at: Number.NEGATIVE_INFINITY,
  createdAt: Number.NEGATIVE_INFINITY,
  movedAt: Number.NEGATIVE_INFINITY,
  rows: createLru<string, RowWrites>(maxRows),
  created: new Map(),
});

/** A tenant that never reads a list would collect its created rows. */
function dropExpired({ created }: TenantWrites, now: number): void {
  for (const [id, { until }] of created) if (until <= now) created.delete(id);
}

function createdOf({ created }: TenantWrites, id: string, now: number): Row | undefined {
  const found = created.get(id);
  if (!found || found.until > now) return found?.row;
  created.delete(id);
  return undefined;
}

function pageAfter(writes: TenantWrites, page: Page): Page {
  const { filter, sentAt } = page;
  const sentRows = page.sentRows ?? page.rows;
  const patched = new Map<string, Row>();
  let last: Outdated | undefined =
    sentAt < writes.createdAt ? { at: writes.createdAt, isUsable: true } : undefined;
  if (filter !== 'all' && sentAt < writes.movedAt) last = later(last, writes.movedAt, true);

  const byId = rowsById(sentRows);
  for (const [id, rowWrites] of writes.rows.entries()) {
    const row = byId.get(id);
    if (!row) continue;
    noteAgreement(rowWrites, row, sentAt);
    if (sentAt < rowWrites.at) last = later(last, rowWrites.at, sentAt >= rowWrites.unknownAt);
    const after = withPatches(rowWrites, row, sentAt);
    if (after !== row) patched.set(id, after);
  }
  for (const id of writes.created.keys()) if (byId.has(id)) writes.created.delete(id);

  const { sentRows: _sentRows, outdated: _outdated, ...rest } = page;
  if (patched.size === 0) return { ...rest, rows: sentRows, ...outdatedBy(last) };
  const rows = sentRows.map((row) => patched.get(row.key) ?? row);
  return { ...rest, rows, sentRows, ...outdatedBy(last) };
}

function singleAfter(writes: TenantWrites, single: Single, now: number): Single {
  const { id, sentAt } = single;
  const rowWrites = writes.rows.get(id);
  const { sentRow = single.row, outdated: _outdated, ...rest } = single;
  // A 404 while no list page shows the new instance: EnviaAI's answer to the write is newer.
  const row = sentRow ?? createdOf(writes, id, now) ?? null;
  const after = row && rowWrites ? withPatches(rowWrites, row, sentAt) : row;
  return {
    ...rest,
    row: after,
    ...(after !== sentRow && { sentRow }),
    ...outdatedBy(
      rowWrites && sentAt < rowWrites.at
        ? { at: rowWrites.at, isUsable: sentAt >= rowWrites.unknownAt }
        : undefined,
    ),
  };
}

const later = (last: Outdated | undefined, at: number, isUsable: boolean): Outdated => ({
  at: Math.max(last?.at ?? at, at),
  isUsable: isUsable && (last?.isUsable ?? true),
});

const outdatedBy = (outdated: Outdated | undefined): { readonly outdated?: Outdated } =>
  outdated ? { outdated } : {};
