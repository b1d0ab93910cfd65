import type { Client } from 'urql';
import {
  BoardDocument,
  type BoardQuery,
  type InstanceStatusFilter,
  type RowFragment,
} from './graphql/graphql.ts';
import { problemOf } from './problem.ts';

export type Row = RowFragment;
export type RateLimit = NonNullable<BoardQuery['rateLimit']>;

/** The first rows of the list, as of one moment. */
export interface Snapshot {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly hasMore: boolean;
  readonly rateLimit: RateLimit | null;
  /** From `extensions.enviaai`: the time of the oldest row, in milliseconds since the epoch. */
  readonly asOf: number;
  readonly stale: boolean;
  /** Upstream calls that the read caused. */
  readonly calls: number;
}

export interface Selection {
  readonly status: InstanceStatusFilter | null;
  readonly count: number;
}

const maxPageSize = 100;

/** Reads `count` rows from the start of the connection, page by page. Throws a Problem. */
export async function readRows(client: Client, { status, count }: Selection): Promise<Snapshot> {
  const rows: Row[] = [];
  const cost = { asOf: Date.now(), stale: false, calls: 0 };
  let after: string | null = null;
  for (;;) {
    const first = Math.min(maxPageSize, count - rows.length);
    const page = await readPage(client, { status, first, after });
    // An unreadable row is null and has an error; the other rows are shown.
    rows.push(...page.instances.edges.flatMap(({ node }) => node ?? []));
    cost.asOf = Math.min(cost.asOf, page.cost.asOf);
    cost.stale ||= page.cost.stale;
    cost.calls += page.cost.calls;

    const { pageInfo, totalCount, edges } = page.instances;
    after = pageInfo.endCursor;
    if (rows.length >= count || !pageInfo.hasNextPage || edges.length === 0) {
      const { rateLimit } = page;
      return { rows, total: totalCount, hasMore: pageInfo.hasNextPage, rateLimit, ...cost };
    }
  }
}

interface Page {
  readonly status: InstanceStatusFilter | null;
  readonly first: number;
  readonly after: string | null;
}

async function readPage(client: Client, page: Page) {
  const { data, error, extensions } = await client.query(BoardDocument, page).toPromise();
  if (!data?.instances) throw problemOf(error);
  return { instances: data.instances, rateLimit: data.rateLimit, cost: costOf(extensions) };
}

function costOf(extensions: Record<string, unknown> | undefined) {
  const cost = Object(extensions?.['enviaai']);
  return {
    asOf: Date.parse(String(cost.asOf)) || Date.now(),
    stale: cost.stale === true,
    calls: Number(cost.calls) || 0,
  };
}
