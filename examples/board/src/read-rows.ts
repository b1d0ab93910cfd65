import type { Client } from 'urql';
import { BoardDocument, type BoardQuery, type InstanceStatus } from './graphql/graphql.ts';
import { problemOf } from './problem.ts';

type Connection = NonNullable<BoardQuery['instances']>;
export type Row = NonNullable<Connection['edges'][number]['node']>;
export type RateLimit = NonNullable<BoardQuery['rateLimit']>;

/** The list as it stood at one moment, from its start. */
export interface Snapshot {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly hasMore: boolean;
  readonly rateLimit: RateLimit | null;
  /** From `extensions.enviaai`: how old the rows are, and what reading them cost. */
  readonly asOf: number;
  readonly stale: boolean;
  readonly calls: number;
}

export interface Wanted {
  readonly status: InstanceStatus | null;
  readonly count: number;
}

const largestPage = 100;

/** Walks the connection from its start, page after page, until it has as many rows as wanted. Throws a Problem. */
export async function readRows(client: Client, { status, count }: Wanted): Promise<Snapshot> {
  const rows: Row[] = [];
  const cost = { asOf: Date.now(), stale: false, calls: 0 };
  let after: string | null = null;
  for (;;) {
    const first = Math.min(largestPage, count - rows.length);
    const page = await readPage(client, { status, first, after });
    // A row that cannot be read is null, with an error of its own: the others are shown.
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
  readonly status: InstanceStatus | null;
  readonly first: number;
  readonly after: string | null;
}

async function readPage(client: Client, page: Page) {
  const { data, error, extensions } = await client.query(BoardDocument, page).toPromise();
  if (!data?.instances) throw problemOf(error);
  return { instances: data.instances, rateLimit: data.rateLimit, cost: costOf(extensions) };
}

function costOf(extensions: Record<string, unknown> | undefined) {
  const told = Object(extensions?.['enviaai']);
  return {
    asOf: Date.parse(String(told.asOf)) || Date.now(),
    stale: told.stale === true,
    calls: Number(told.calls) || 0,
  };
}
