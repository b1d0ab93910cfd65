import { figure } from '#test/support/budget/figure.ts';
import { createTestClock, type TestClock } from '#test/support/clock.ts';
import { type Answer, start, type Started, type StartOptions } from '#test/support/start.ts';

export interface CachingServer extends Started {
  readonly clock: TestClock;
  /** Number of cache hits so far. */
  hits(): Promise<number>;
}

/** The whole server with a clock that only the test advances. */
export async function startCaching(options: StartOptions = {}): Promise<CachingServer> {
  const clock = createTestClock();
  const server = await start({ clock, ...options });
  return { ...server, clock, hits: () => figure(server, 'enviaai_answers_reused_total') };
}

/** The bytes of a response before its `extensions`, which report the cost. */
export const dataOf = ({ text }: Answer): string => text.slice(0, text.indexOf(',"extensions":'));

/** The same, with every cursor replaced by as many dots. */
export const withoutCursors = (answer: Answer): string =>
  dataOf(answer).replaceAll(/("(?:cursor|startCursor|endCursor)":")([^"]*)/g, (_, name, cursor) =>
    String(name).padEnd(name.length + cursor.length, '·'),
  );

let documents = 0;

/** An equal document whose text no server has seen, so that its response is not cached. */
export const uncached = (document: string): string => `${document} # ${(documents += 1)}`;

export const noCache = { 'cache-control': 'no-cache' };

/** A list with pages, cursors and rows. */
export const fullList = /* GraphQL */ `
  query Everything($first: Int, $after: String, $status: InstanceStatusFilter) {
    instances(first: $first, after: $after, status: $status) {
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
          __typename
          id
          name
          status
          phone
          createdAt
          lastSeenAt
          settings {
            autoRead
          }
        }
      }
    }
  }
`;
