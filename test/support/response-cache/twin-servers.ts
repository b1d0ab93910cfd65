import { createTestClock } from '#test/support/clock.ts';
import { type Answer, start, type Started } from '#test/support/start.ts';
import { uncached, noCache, withoutCursors } from './caching-server.ts';

export type Status = 'connected' | 'disconnected' | 'connecting';

/** One step of a test: a query to both servers, or a change of both accounts. */
export type Step =
  | { readonly do: 'ask'; readonly what: Query; readonly noCache: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  /** A step of the wall clock. */
  | { readonly do: 'step'; readonly ms: number }
  | { readonly do: 'set'; readonly row: number; readonly to: Status }
  | { readonly do: 'add'; readonly at: number }
  | { readonly do: 'remove'; readonly row: number };

export type Query =
  | { readonly kind: 'list'; readonly first: number; readonly status: string | null }
  | { readonly kind: 'walk'; readonly first: number }
  | { readonly kind: 'end'; readonly last: number }
  | { readonly kind: 'one'; readonly row: number }
  | { readonly kind: 'many'; readonly rows: readonly number[] };

const some =
  'fragment Some on InstanceConnection { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id name status } } }';
const documents = {
  list: `query ($first: Int, $status: InstanceStatusFilter) { instances(first: $first, status: $status) { ...Some } } ${some}`,
  walk: `query ($first: Int, $after: String) { instances(first: $first, after: $after) { ...Some } } ${some}`,
  end: `query ($last: Int) { instances(last: $last) { ...Some } } ${some}`,
  one: 'query ($id: ID!) { instance(id: $id) { id status } }',
  many: 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Instance { id status } } }',
};

/** The first rows of an account are the ones that tests query by id, change and remove. */
const namedRows = 4;

/** The responses of both servers to a query. */
export interface AnswerPair {
  /** Of the server that may use its response cache. */
  readonly cached: Answer;
  /** Of the server that executes every operation. */
  readonly executed: Answer;
}

/** Equal accounts of one key on both servers. */
export interface Account {
  /** Performs a step 1 ms after the last one. Resolves to the responses to a query, or to null. */
  readonly perform: (step: Step) => Promise<AnswerPair | null>;
  /** Whether a row may have had this status at some time after `asOf`, by the wall clock. */
  readonly hadStatus: (id: string, status: string, asOf: number) => boolean;
  readonly calls: () => { readonly cached: number; readonly executed: number };
}

export async function startTwins() {
  const clock = createTestClock();
  const env = { LOG_LEVEL: 'silent' };
  const caching = await start({ clock, env, ratePerMinute: 100_000 });
  const executing = await start({ clock, env, ratePerMinute: 100_000 });
  let accounts = 0;

  /** Creates an account with a new key, and with `rows` rows more than the sandbox's. */
  function open(rows: number): Account {
    accounts += 1;
    const key = `key-${accounts}`;
    const both = [caching, executing];
    const added = both.map(({ sandbox }) => sandbox.control.add({ key, count: rows, at: 0 }).added);
    const ids = (added[0] ?? []).slice(0, namedRows).map(({ id }) => String(id));
    const statuses = new Map(ids.map((id, at) => [id, String(added[0]?.[at]?.['status'])]));
    const gone = new Set<string>();
    /** The statuses of the named rows, from a time on. */
    const history = [{ since: clock.now(), statuses: new Map(statuses) }];
    const cursors = new Map<Started, string | null>();
    const idOf = (row: number) => ids[row % ids.length] ?? '';

    function change(step: Step) {
      if (step.do === 'wait') return clock.advance(step.ms);
      if (step.do === 'step') return clock.step(step.ms);
      if (step.do === 'ask') return;
      const id = step.do === 'add' ? '' : idOf(step.row);
      if (gone.has(id)) return;
      for (const { sandbox } of both) {
        if (step.do === 'set') sandbox.control.status({ key, id, status: step.to });
        else if (step.do === 'add') sandbox.control.add({ key, at: step.at });
        else sandbox.control.remove({ key, id });
      }
      if (step.do === 'set') statuses.set(id, step.to);
      if (step.do === 'remove') {
        gone.add(id);
        statuses.delete(id);
      }
      history.push({ since: clock.now(), statuses: new Map(statuses) });
    }

    const variablesOf = (what: Query, after: string | null): object => {
      if (what.kind === 'one') return { id: idOf(what.row) };
      if (what.kind === 'many') return { ids: what.rows.map(idOf) };
      if (what.kind === 'end') return { last: what.last };
      const { first } = what;
      return what.kind === 'walk' ? { first, after } : { first, status: what.status };
    };

    async function ask(server: Started, step: Step & { do: 'ask' }, document: string) {
      const { what } = step;
      const given = variablesOf(what, cursors.get(server) ?? null);
      const headers = { authorization: `Bearer ${key}`, ...(step.noCache && noCache) };
      const answer = await server.query(document, given, headers);
      if (what.kind === 'walk') {
        const { pageInfo } = answer.data.instances;
        cursors.set(server, pageInfo.hasNextPage ? pageInfo.endCursor : null);
      }
      return answer;
    }

    return {
      async perform(step: Step): Promise<AnswerPair | null> {
        clock.advance(1);
        change(step);
        if (step.do !== 'ask') return null;
        const document = documents[step.what.kind];
        const cached = await ask(caching, step, document);
        const executed = await ask(executing, step, uncached(document));
        // After different pages of a walk, the next pages cannot be compared.
        if (step.what.kind === 'walk' && withoutCursors(cached) !== withoutCursors(executed)) {
          cursors.clear();
        }
        return { cached, executed };
      },
      hadStatus(id: string, status: string, asOf: number): boolean {
        if (!ids.includes(id)) return true;
        const since = asOf - clock.wall().aheadMs;
        return history.some(({ statuses: then }, at) => {
          const until = history[at + 1]?.since ?? Infinity;
          return until >= since && then.get(id)?.toUpperCase() === status;
        });
      },
      calls: () => ({
        cached: caching.calls(key).length,
        executed: executing.calls(key).length,
      }),
    };
  }

  return { open, caching };
}
