import { Failure } from '#src/domain/failure.ts';
import type { Page } from '#src/domain/page.ts';
import type { Row, StatusFilter } from '#src/domain/row.ts';
import { isComplete } from '#src/reading/pages/coverage.ts';
import { rowsById } from '#src/reading/pages/rows-by-id.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { searchLimitFailure } from '#src/reading/session/search-limit.ts';
import { isOutage } from '#src/reading/upstream/is-outage.ts';
import { maxGets, nextPageOffset } from './next-call.ts';

/** A row; null: the account has none of this id; or why that is unknown. */
export type InstanceResult = Row | null | Failure;

type Settle = (id: string, result: InstanceResult) => void;

const anyTime = Number.NEGATIVE_INFINITY;

/**
 * Reads many instances by id with few upstream calls.
 *
 * Rows in fresh pages cost no call. For the other ids the next call is chosen after every call
 * (`next-call.ts`): a page of the list, or a GET for each id. An id is reported missing after its
 * 404, or after a complete scan.
 */
export async function readByIds(
  session: ReadSession,
  ids: readonly string[],
): Promise<Map<string, InstanceResult>> {
  const results = new Map<string, InstanceResult>();
  const missing = new Set(ids);
  const settle: Settle = (id, result) => {
    results.set(id, result);
    missing.delete(id);
  };

  const fetchFromReplica = createReplicaFetch(session);
  for (;;) {
    settleFromPages(session, missing, 'fresh', settle);
    if (missing.size === 0) return results;
    const fetched = session.pages.fetched('all');
    if (isComplete(fetched)) {
      for (const page of fetched) session.recorder.uses(page);
      for (const id of missing) settle(id, null);
      // That an id is missing depends on every page of the list.
      session.recorder.markUncacheable();
      return results;
    }
    const offset = nextPageOffset(session.pages, missing);
    if (await fetchFromReplica(offset, missing)) continue;
    if (offset === undefined) {
      await getEach(session, missing, settle);
      return results;
    }
    const hasFallback = [...missing].every((id) => hasUsableRow(session, id));
    try {
      await session.calls.page({
        filter: 'all',
        offset,
        since: anyTime,
        hasFallback,
        search: null,
      });
    } catch (failure) {
      settleWithFailure(session, missing, failure, settle);
      return results;
    }
  }
}

/** Fetches from other replicas what the next call would fetch, once for each page and each id. */
function createReplicaFetch({ pages, replicas }: ReadSession) {
  const tried = new Set<number | string>();
  const isFirstTry = (key: number | string) => !tried.has(key) && Boolean(tried.add(key));
  return async (offset: number | undefined, missing: ReadonlySet<string>): Promise<boolean> => {
    if (offset !== undefined) return isFirstTry(offset) && replicas.fetchPage('all', offset);
    // The first page can have any of the ids, where no page of the list was read before.
    const isUnread = pages.totalOf('all') === undefined;
    const hasFirst = isUnread && isFirstTry(0) && (await replicas.fetchPage('all', 0));
    const ids = [...missing].filter(isFirstTry);
    const singles = await Promise.all(ids.map((id) => replicas.fetchSingle(id)));
    return hasFirst || singles.includes(true);
  };
}

const filters = ['all', 'connected', 'disconnected', 'connecting'] as const;

/** Settles the ids that a cached page has, each from its newest source. */
function settleFromPages(
  { pages, recorder }: ReadSession,
  missing: ReadonlySet<string>,
  age: 'fresh' | 'usable',
  settle: Settle,
): void {
  const pagesOf = (filter: StatusFilter) => pages[age](filter, anyTime);
  for (const page of filters.flatMap(pagesOf).toSorted(latestFirst)) {
    const rows = rowsById(page.rows);
    for (const id of missing) {
      const row = rows.get(id);
      if (!row || (pages.single(id, age)?.sentAt ?? page.sentAt) > page.sentAt) continue;
      recorder.picks(page);
      settle(id, row);
    }
  }
  for (const id of missing) {
    const single = pages.single(id, age);
    if (!single) continue;
    recorder.picks(single);
    settle(id, single.row);
  }
}

const latestFirst = (a: Page, b: Page): number => b.sentAt - a.sentAt;

/** Fetches each id by a GET, up to the bound; the other ids fail, and the caller has to retry. */
async function getEach(
  session: ReadSession,
  missing: ReadonlySet<string>,
  settle: Settle,
): Promise<void> {
  const ids = [...missing];
  const max = maxGets(session.pages);
  settleWithFailure(session, new Set(ids.slice(max)), searchLimitFailure(), settle);
  await Promise.all(
    ids.slice(0, max).map(async (id) => {
      try {
        const single = await session.calls.single({ id, hasFallback: hasUsableRow(session, id) });
        session.recorder.picks(single);
        settle(id, single.row);
      } catch (failure) {
        settleWithFailure(session, new Set([id]), failure, settle);
      }
    }),
  );
}

function hasUsableRow({ pages }: ReadSession, id: string): boolean {
  if (pages.single(id, 'usable')) return true;
  const hasRow = ({ rows }: Page) => rowsById(rows).has(id);
  return filters.some((filter) => pages.usable(filter, anyTime).some(hasRow));
}

/** Settles ids with stale rows after an outage, and with the failure where there is none. */
function settleWithFailure(
  session: ReadSession,
  missing: ReadonlySet<string>,
  failure: unknown,
  settle: Settle,
): void {
  if (!(failure instanceof Failure)) throw failure;
  const left = new Set(missing);
  if (isOutage(failure)) {
    settleFromPages(session, left, 'usable', (id, result) => {
      left.delete(id);
      settle(id, result);
    });
  }
  for (const id of left) settle(id, failure);
}
