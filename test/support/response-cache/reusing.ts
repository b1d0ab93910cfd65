import { figure } from '#test/support/budget/figure.ts';
import { createTestClock, type TestClock } from '#test/support/clock.ts';
import { type Answer, start, type Started, type StartOptions } from '#test/support/start.ts';

export interface Reusing extends Started {
  readonly clock: TestClock;
  /** How many answers were served again so far. */
  reused(): Promise<number>;
}

/** The whole server, whose time stands still. */
export async function startReusing(options: StartOptions = {}): Promise<Reusing> {
  const clock = createTestClock();
  const server = await start({ clock, ...options });
  return { ...server, clock, reused: () => figure(server, 'enviaai_answers_reused_total') };
}

/** The bytes of an answer's data: all before what it says of its cost. */
export const dataOf = ({ text }: Answer): string => text.slice(0, text.indexOf(',"extensions":'));

/** The same without cursors, each as long as it was. */
export const placeless = (answer: Answer): string =>
  dataOf(answer).replaceAll(/("(?:cursor|startCursor|endCursor)":")([^"]*)/g, (_, name, cursor) =>
    String(name).padEnd(name.length + cursor.length, '·'),
  );

let asked = 0;

/** The same document in a text that no server has seen: its answer is made anew, by Yoga. */
export const anew = (document: string): string => `${document} # ${(asked += 1)}`;

export const noCache = { 'cache-control': 'no-cache' };

/** A list with all that an answer can hold of it. */
export const everything = /* GraphQL */ `
  query Everything($first: Int, $after: String, $status: InstanceStatus) {
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
