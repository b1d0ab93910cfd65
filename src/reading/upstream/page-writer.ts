import type { Clock } from '#src/domain/clock.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { Row, StatusFilter } from '#src/domain/row.ts';
import type { Tenant } from '#src/domain/tenant.ts';
import type { InstanceResponse, ListResponse } from '#src/enviaai/client/instances.ts';
import type { PageStore } from '#src/store/page-store.ts';
import { withRowIdentity } from '#src/reading/pages/row-identity.ts';

/** An answer, and the earlier one that it was compared with. */
interface Arrived<Answer, Held> {
  readonly answer: Answer;
  readonly known: Held | undefined;
  readonly sentAt: number;
}

/** Files answers as pages and singles. What brings the same bytes as before keeps its version. */
export interface PageWriter {
  page(
    tenant: Tenant,
    place: { readonly filter: StatusFilter; readonly offset: number },
    arrived: Arrived<ListResponse, Page>,
  ): Page;
  single(tenant: Tenant, id: string, arrived: Arrived<InstanceResponse, Single>): Single;
}

export function createPageWriter(store: PageStore, clock: Clock): PageWriter {
  let version = 0;
  const nextVersion = () => (version += 1);
  return {
    page(tenant, { filter, offset }, { answer, known, sentAt }) {
      const content =
        answer === known ? known : { ...contentOf(answer, known), version: nextVersion() };
      const page: Page = { ...content, filter, offset, sentAt, receivedAt: clock.now() };
      store.putPage(tenant, page);
      return page;
    },
    single(tenant, id, { answer, known, sentAt }) {
      const { row, bytes } = answer;
      const same = known && bytes === known.bytes;
      const single: Single = {
        id,
        row,
        bytes,
        version: same ? known.version : nextVersion(),
        sentAt,
      };
      store.putSingle(tenant, single);
      return single;
    },
  };
}

function contentOf({ rows, total, hasMore, bytes }: ListResponse, known: Page | undefined) {
  const unique = withoutRepeats(rows);
  const kept = known ? withRowIdentity(known.rows, unique) : unique;
  return { rows: kept, rowCount: rows.length, total, hasMore, bytes };
}

function withoutRepeats(rows: readonly Row[]): readonly Row[] {
  const byKey = new Map<string, Row>();
  for (const row of rows) if (!byKey.has(row.key)) byKey.set(row.key, row);
  return byKey.size === rows.length ? rows : [...byKey.values()];
}
