import type { Clock } from '#src/domain/clock.ts';
import { copyText } from '#src/domain/copies.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { Row, StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { Write } from '#src/domain/write.ts';
import type { InstanceResponse, ListResponse } from '#src/enviaai/client/instances.ts';
import { copyRowHashes } from '#src/reading/pages/row-hash.ts';
import { isEqualRow, withRowIdentity } from '#src/reading/pages/row-identity.ts';
import type { RecentWrites } from '#src/reading/written/recent-writes.ts';
import type { PageStore } from '#src/store/page-store.ts';

/** A response, with the cached one of the same request that it was compared with. */
export interface Received<Response, Cached> {
  readonly response: Response;
  readonly cached: Cached | undefined;
  /** When its call was sent, in milliseconds. */
  readonly sentAt: number;
}

/**
 * Writes responses to the page cache, as the recent writes of the tenant leave them. A response with
 * equal bytes and rows keeps its version.
 */
export interface PageWriter {
  page(
    tenant: Tenant,
    at: { readonly filter: StatusFilter; readonly offset: number },
    received: Received<ListResponse, Page>,
  ): Page;
  single(tenant: Tenant, id: string, received: Received<InstanceResponse, Single>): Single;
  /**
   * Applies a write that was answered, or failed, now to what is cached; at another replica, so
   * long ago.
   */
  apply(tenant: Tenant, write: Write, ageMs?: number): void;
}

export interface PageWriterParts {
  readonly store: PageStore;
  readonly writes: RecentWrites;
  readonly clock: Clock;
  /** Called after a webhook's event was applied: responses sent at `at` or later show the change. */
  readonly onEvent?: ((tenant: Tenant, id: string, at: number) => void) | undefined;
}

export function createPageWriter(parts: PageWriterParts): PageWriter {
  const { store, writes, clock, onEvent } = parts;
  let version = 0;
  const nextVersion = () => (version += 1);

  function singleAfterWrites(tenant: Tenant, single: Single, cached: Single | undefined): Single {
    const after = writes.single(tenant, single);
    const isSame = cached && after.bytes === cached.bytes && isSameRow(cached.row, after.row);
    return isSame
      ? { ...after, row: cached.row, version: cached.version }
      : { ...after, version: nextVersion() };
  }

  function pageAfterWrites(tenant: Tenant, page: Page, cached: Page | undefined): Page {
    const after = writes.page(tenant, page);
    const rows = cached ? withRowIdentity(cached.rows, after.rows) : after.rows;
    copyRowHashes(page.rows, rows);
    const isSame = cached && after.bytes === cached.bytes && rows === cached.rows;
    return { ...after, rows, version: isSame ? cached.version : nextVersion() };
  }

  return {
    page(tenant, { filter, offset }, { response, cached, sentAt }) {
      const content =
        response === cached
          ? { ...cached, rows: cached.sentRows ?? cached.rows }
          : { ...contentOf(response, cached), version: 0 };
      const received: Page = { ...content, filter, offset, sentAt, receivedAt: clock.now() };
      const page = pageAfterWrites(tenant, received, cached);
      store.putPage(tenant, page);
      return page;
    },
    single(tenant, id, { response, cached, sentAt }) {
      const { bytes } = response;
      const row =
        response === cached && cached.sentRow !== undefined ? cached.sentRow : response.row;
      // A copy: the id can be a part of a document of a megabyte.
      const received: Single = { id: copyText(id), row, bytes, version: 0, sentAt };
      const single = singleAfterWrites(tenant, received, cached);
      store.putSingle(tenant, single);
      return single;
    },
    apply(tenant, write, ageMs = 0) {
      const at = writes.record(tenant, write, ageMs);
      const id = idOf(write);
      store.rewrite(tenant, {
        page: (page) => pageAfterWrites(tenant, page, page),
        single: (single) => (single.id === id ? singleAfterWrites(tenant, single, single) : single),
      });
      if (write.kind === 'event') onEvent?.(tenant, write.id, at);
      if (write.kind !== 'create' || !write.row) return;
      // The answer to a create is the first response with the row: it is found by id at once.
      const { row } = write;
      const created = { id: row.key, row, bytes: noBytes, version: nextVersion() };
      store.putSingle(tenant, { ...created, sentAt: clock.now() - ageMs });
    },
  };
}

/** The instance that was written; undefined: one was created, and nothing says which. */
const idOf = (write: Write): string | undefined =>
  write.kind === 'create' ? write.row?.key : write.id;

/** Equal to no response. */
const noBytes = Buffer.alloc(0);

const isSameRow = (a: Row | null, b: Row | null): boolean =>
  a === b || (a !== null && b !== null && isEqualRow(a, b));

function contentOf({ rows, total, hasMore, bytes }: ListResponse, cached: Page | undefined) {
  const unique = withoutRepeats(rows);
  const content = { rowCount: rows.length, total, hasMore, bytes };
  if (!cached) return { ...content, rows: unique };
  const before = cached.sentRows ?? cached.rows;
  const current = withRowIdentity(before, unique);
  copyRowHashes(before, current);
  return { ...content, rows: current };
}

function withoutRepeats(rows: readonly Row[]): readonly Row[] {
  const byKey = new Map<string, Row>();
  for (const row of rows) if (!byKey.has(row.key)) byKey.set(row.key, row);
  return byKey.size === rows.length ? rows : [...byKey.values()];
}
