import type { Started } from '#test/support/start.ts';

export interface Edge {
  readonly cursor: string;
  readonly node: { readonly id: string };
}

export interface Page {
  readonly edges: readonly Edge[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: number;
}

export interface PageArguments {
  readonly status?: string;
  readonly first?: number;
  readonly after?: string | null;
  readonly last?: number;
  readonly before?: string | null;
}

export const pageQuery = /* GraphQL */ `
  query Page(
    $status: InstanceStatusFilter
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    instances(status: $status, first: $first, after: $after, last: $last, before: $before) {
      totalCount
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
      edges {
        cursor
        node {
          id
        }
      }
    }
  }
`;

export const as = (key: string) => ({ authorization: `Bearer ${key}` });

export async function pageOf(
  server: Started,
  args: PageArguments,
  headers: Record<string, string> = {},
): Promise<Page> {
  const answer = await server.query(pageQuery, args, headers);
  if (answer.errors) throw new Error(answer.text);
  return answer.data.instances;
}

export type Direction = 'forward' | 'backward';

export interface WalkOptions {
  readonly size: number;
  readonly direction?: Direction;
  readonly status?: string;
}

/** The pages of a whole list, as a client turns them: until there is no further one. */
export async function walk(
  server: Started,
  { size, direction = 'forward', ...list }: WalkOptions,
): Promise<Page[]> {
  const pages: Page[] = [];
  const forward = direction === 'forward';
  let cursor: string | null = null;
  for (;;) {
    const place = forward ? { first: size, after: cursor } : { last: size, before: cursor };
    const page: Page = await pageOf(server, { ...list, ...place });
    pages.push(page);
    const { hasNextPage, hasPreviousPage, endCursor, startCursor } = page.pageInfo;
    if (!(forward ? hasNextPage : hasPreviousPage)) return pages;
    if (pages.length > 2000) throw new Error('The walk does not end');
    cursor = forward ? endCursor : startCursor;
  }
}

export const idsOf = (pages: readonly Page[]): string[] =>
  pages.flatMap(({ edges }) => edges.map(({ node }) => node.id));

/** What is really there, asked of the upstream itself with a key of its own. */
export async function rowsOf(server: Started, status = 'all'): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const path = `/instances?status=${status}&limit=100&offset=${ids.length}`;
    const response = await fetch(server.sandbox.url + path, { headers: as('witness') });
    const { data, pagination }: RestPage = JSON.parse(await response.text());
    ids.push(...data.map(({ id }) => id));
    if (!pagination.hasMore) return ids;
  }
}

interface RestPage {
  readonly data: readonly { readonly id: string }[];
  readonly pagination: { readonly hasMore: boolean };
}
