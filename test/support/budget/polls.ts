import { Pool } from 'undici';
import { onTestFinished } from 'vitest';
import type { TestClock } from '#test/support/clock.ts';
import type { Answer, Started } from '#test/support/start.ts';

export interface Polls {
  readonly clients: number;
  /** Each client asks so often. */
  readonly everyMs: number;
  readonly forMs: number;
  /** The lists that clients ask for, in turn, by their arguments. */
  readonly lists?: readonly string[];
  /** What happens between two polls. */
  readonly meanwhile?: (poll: number) => void;
}

export interface Polled {
  readonly asked: number;
  /** Answers without rows, or with an error. */
  readonly failed: readonly string[];
  /** Age of the oldest row of the oldest answer. */
  readonly oldestMs: number;
  readonly staleAnswers: number;
  /** Answers that were over two seconds old and did not say so, or younger and did. */
  readonly mismarked: number;
  /** What answers said that they cost, together. */
  readonly callsTold: number;
}

/** Many clients that ask for one list by HTTP, over connections that they keep. */
export async function poll(
  server: Started,
  clock: TestClock,
  { clients, everyMs, forMs, lists = ['first: 5'], meanwhile = () => {} }: Polls,
): Promise<Polled> {
  const pool = new Pool(new URL(server.url).origin, { connections: 32 });
  onTestFinished(() => pool.close());
  const headers = { 'content-type': 'application/json', authorization: 'Bearer test' };
  const bodies = lists.map((list) =>
    JSON.stringify({ query: `{ instances(${list}) { nodes { name } } }` }),
  );
  const ask = async (client: number) => {
    const body = bodies[client % bodies.length] ?? null;
    const answer = await pool.request({ path: '/graphql', method: 'POST', headers, body });
    return answer.body.text();
  };

  const ages: number[] = [];
  const sums = { asked: 0, staleAnswers: 0, mismarked: 0, callsTold: 0 };
  const failed: string[] = [];
  for (let round = 0; round < forMs / everyMs; round += 1) {
    // Another one is first each time.
    const turns = Array.from({ length: clients }, (_, index) => ask(index + round));
    const texts = await Promise.all(turns);
    for (const text of texts) {
      sums.asked += 1;
      const { data, errors, extensions }: Answer = JSON.parse(text);
      const { calls = 0, asOf = null, stale = false } = extensions?.enviaai ?? {};
      if (errors || data?.instances?.nodes?.length !== 5 || asOf === null) failed.push(text);
      const age = clock.now() - Date.parse(asOf ?? '');
      ages.push(age);
      if (stale) sums.staleAnswers += 1;
      if (stale !== age > 2000) sums.mismarked += 1;
      sums.callsTold += calls;
    }
    meanwhile(round);
    clock.advance(everyMs);
  }
  return { ...sums, failed, oldestMs: ages.reduce((a, b) => Math.max(a, b), 0) };
}

/** How often the sandbox refused a call for its rate. */
export const refusedIn = (server: Started): number =>
  server.sandbox.control.calls({ key: 'test' }).calls.filter(({ status }) => status === 429).length;
