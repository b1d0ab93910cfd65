import { createTestClock } from '#test/support/clock.ts';
import { type Answer, start, type Started } from '#test/support/start.ts';
import { anew, noCache, placeless } from './reusing.ts';

export type Status = 'connected' | 'disconnected' | 'connecting';

/** What is done next: a question to both servers, or a change on both accounts. */
export type Step =
  | { readonly do: 'ask'; readonly what: Question; readonly noCache: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'set'; readonly row: number; readonly to: Status }
  | { readonly do: 'add'; readonly at: number }
  | { readonly do: 'remove'; readonly row: number };

export type Question =
  | { readonly kind: 'list'; readonly first: number; readonly status: string | null }
  | { readonly kind: 'walk'; readonly first: number }
  | { readonly kind: 'end'; readonly last: number }
  | { readonly kind: 'one'; readonly row: number }
  | { readonly kind: 'many'; readonly rows: readonly number[] };

const some =
  'fragment Some on InstanceConnection { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id name status } } }';
const documents = {
  list: `query ($first: Int, $status: InstanceStatus) { instances(first: $first, status: $status) { ...Some } } ${some}`,
  walk: `query ($first: Int, $after: String) { instances(first: $first, after: $after) { ...Some } } ${some}`,
  end: `query ($last: Int) { instances(last: $last) { ...Some } } ${some}`,
  one: 'query ($id: ID!) { instance(id: $id) { id status } }',
  many: 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Instance { id status } } }',
};

/** Rows that are asked for by id, changed and removed: of the first few of an account. */
const named = 4;

/** The same question to two servers over equal accounts: one that may serve an answer again, and one that makes it anew. */
export interface Asked {
  readonly reused: Answer;
  readonly made: Answer;
}

/** Equal accounts of one key at both servers. */
export interface Account {
  /** Does it, a moment after the last step; what was answered, where it asked. */
  readonly take: (step: Step) => Promise<Asked | null>;
  /** Whether a row was so at some time since, as far as it is known. */
  readonly wasSo: (id: string, status: string, since: number) => boolean;
  readonly calls: () => { readonly reusing: number; readonly making: number };
}

export async function startTwins() {
  const clock = createTestClock();
  const env = { LOG_LEVEL: 'silent' };
  const reusing = await start({ clock, env, ratePerMinute: 100_000 });
  const making = await start({ clock, env, ratePerMinute: 100_000 });
  let accounts = 0;

  /** A key of its own, whose account has so many rows more than the sandbox's. */
  function open(rows: number): Account {
    accounts += 1;
    const key = `key-${accounts}`;
    const both = [reusing, making];
    const added = both.map(({ sandbox }) => sandbox.control.add({ key, count: rows, at: 0 }).added);
    const ids = (added[0] ?? []).slice(0, named).map(({ id }) => String(id));
    const statuses = new Map(ids.map((id, at) => [id, String(added[0]?.[at]?.['status'])]));
    const gone = new Set<string>();
    /** What the named rows were, and from when on. */
    const history = [{ since: clock.now(), statuses: new Map(statuses) }];
    const cursors = new Map<Started, string | null>();
    const idOf = (row: number) => ids[row % ids.length] ?? '';

    function change(step: Step) {
      if (step.do === 'wait') return clock.advance(step.ms);
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

    const variablesOf = (what: Question, after: string | null): object => {
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
      async take(step: Step): Promise<Asked | null> {
        clock.advance(1);
        change(step);
        if (step.do !== 'ask') return null;
        const document = documents[step.what.kind];
        const reused = await ask(reusing, step, document);
        const made = await ask(making, step, anew(document));
        // From places that are not the same, nothing that follows is.
        if (step.what.kind === 'walk' && placeless(reused) !== placeless(made)) cursors.clear();
        return { reused, made };
      },
      wasSo(id: string, status: string, since: number): boolean {
        if (!ids.includes(id)) return true;
        return history.some(({ statuses: then }, at) => {
          const until = history[at + 1]?.since ?? Infinity;
          return until >= since && then.get(id)?.toUpperCase() === status;
        });
      },
      calls: () => ({ reusing: reusing.calls(key).length, making: making.calls(key).length }),
    };
  }

  return { open, reusing };
}
