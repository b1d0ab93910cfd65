import type { Clock } from '#src/domain/clock.ts';
import { copyText } from '#src/domain/copies.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { Row, StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { InstanceResponse, ListResponse } from '#src/enviaai/client/instances.ts';
import { copyRowHashes } from '#src/reading/pages/row-hash.ts';
import { withRowIdentity } from '#src/reading/pages/row-identity.ts';
import type { PageStore } from '#src/store/page-store.ts';

/** A response, with the cached one of the same request that it was compared with. */
export interface Received<Response, Cached> {
  readonly response: Response;
  readonly cached: Cached | undefined;
  /** When its call was sent, in milliseconds. */
  readonly sentAt: number;
}

/** Writes responses to the page cache. A response with equal bytes keeps its version. */
export interface PageWriter {
  page(
    tenant: Tenant,
    at: { readonly filter: StatusFilter; readonly offset: number },
    received: Received<ListResponse, Page>,
  ): Page;
  single(tenant: Tenant, id: string, received: Received<InstanceResponse, Single>): Single;
}

export function createPageWriter(store: PageStore, clock: Clock): PageWriter {
  let version = 0;
  const nextVersion = () => (version += 1);
  return {
    page(tenant, { filter, offset }, { response, cached, sentAt }) {
      const content =
        response === cached ? cached : { ...contentOf(response, cached), version: nextVersion() };
      const page: Page = { ...content, filter, offset, sentAt, receivedAt: clock.now() };
      store.putPage(tenant, page);
      return page;
    },
    single(tenant, id, { response, cached, sentAt }) {
      const { row, bytes } = response;
      const isSame = cached && bytes === cached.bytes;
      const single: Single = {
        // A copy: the id can be a part of a document of a megabyte.
        id: copyText(id),
        row,
        bytes,
        version: isSame ? cached.version : nextVersion(),
        sentAt,
      };
      store.putSingle(tenant, single);
      return single;
    },
  };
}

function contentOf({ rows, total, hasMore, bytes }: ListResponse, cached: Page | undefined) {
  const unique = withoutRepeats(rows);
  const content = { rowCount: rows.length, total, hasMore, bytes };
  if (!cached) return { ...content, rows: unique };
  const current = withRowIdentity(cached.rows, unique);
  copyRowHashes(cached.rows, current);
  return { ...content, rows: current };
}

function withoutRepeats(rows: readonly Row[]): readonly Row[] {
  const byKey = new Map<string, Row>();
  for (const row of rows) if (!byKey.has(row.key)) byKey.set(row.key, row);
  return byKey.size === rows.length ? rows : [...byKey.values()];
}
