import { Failure } from '#src/domain/failure.ts';
import type { Page } from '#src/domain/page.ts';
import type { Row, StatusFilter } from '#src/domain/row.ts';
import { isComplete } from '#src/reading/pages/coverage.ts';
import { rowsById } from '#src/reading/pages/rows-by-id.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { searchLimitFailure } from '#src/reading/session/search-limit.ts';
import { isOutage } from '#src/reading/upstream/is-outage.ts';
import { hasGet } from './id-form.ts';
import { maxGets, nextWave, type Wave } from './next-wave.ts';

/** A row; null: the account has none of this id; or why that is unknown. */
export type InstanceResult = Row | null | Failure;

type Settle = (id: string, result: InstanceResult) => void;

const anyTime = Number.NEGATIVE_INFINITY;

/**
 * Reads many instances by id with few upstream calls.
 *
 * Rows in fresh pages cost no call. For the other ids, calls are sent in waves, and the next wave is
 * chosen after each (`next-wave.ts`): pages of the list, or a GET for each id. An id is reported
 * missing after its 404, or after a complete scan; one without a GET (`id-form.ts`) after a complete
 * scan only.
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
      for (const id of missing) settle(id, session.pages.created(id) ?? null);
      // That an id is missing depends on every page of the list.
      session.recorder.markUncacheable();
      return results;
    }
    const wave = nextWave(session.pages, missing);
    if (await fetchFromReplica(wave)) continue;
    const [failure] = await Promise.all([
      callPages(session, wave.offsets, missing),
      getEach(session, wave.ids, settle),
    ]);
    if (failure === undefined) continue;
    settleFromPages(session, missing, 'fresh', settle);
    settleWithFailure(session, missing, failure, settle);
    return results;
  }
}

/**
 * Calls for the pages together. Resolves when all have ended, to the failure of the first page that
 * failed.
 */
async function callPages(
  session: ReadSession,
  offsets: readonly number[],
  missing: ReadonlySet<string>,
): Promise<unknown> {
  if (offsets.length === 0) return undefined;
  const hasFallback = [...missing].every(usableRowCheck(session));
  const calls = offsets.map((offset) =>
    session.calls.page({ filter: 'all', offset, since: anyTime, hasFallback, search: null }),
  );
  const outcomes = await Promise.allSettled(calls);
  return outcomes.find((outcome) => outcome.status === 'rejected')?.reason;
}

/** Fetches from other replicas what a wave would call for, once for each page and each id. */
function createReplicaFetch({ pages, replicas }: ReadSession) {
  const tried = new Set<number | string>();
  const isFirstTry = (key: number | string) => !tried.has(key) && Boolean(tried.add(key));
  return async ({ offsets, ids }: Wave): Promise<boolean> => {
    // The first page can have any of the ids, where no page of the list was read before.
    const isUnread = ids.length > 0 && pages.totalOf('all') === undefined;
    const hasFirst = isUnread && isFirstTry(0) && (await replicas.fetchPage('all', 0));
    const found = await Promise.all([
      ...offsets.filter(isFirstTry).map((offset) => replicas.fetchPage('all', offset)),
      ...ids
        .filter(hasGet)
        .filter(isFirstTry)
        .map((id) => replicas.fetchSingle(id)),
    ]);
    return hasFirst || found.includes(true);
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
      recorder.picks(page, row.key);
      settle(id, row);
    }
  }
  for (const id of missing) {
    const single = pages.single(id, age);
    if (!single) continue;
    recorder.picks(single, single.id);
    settle(id, single.row);
  }
}

const latestFirst = (a: Page, b: Page): number => b.sentAt - a.sentAt;

/**
 * Fetches each id by a GET, up to the bound. The other ids, and those without a GET, fail, and the
 * caller has to retry.
 */
async function getEach(
  session: ReadSession,
  ids: readonly string[],
  settle: Settle,
): Promise<void> {
  if (ids.length === 0) return;
  const hasUsableRow = usableRowCheck(session);
  const gets = new Set(ids.filter(hasGet).slice(0, maxGets(session.pages)));
  const others = new Set(ids).difference(gets);
  if (others.size > 0) settleWithFailure(session, others, searchLimitFailure(), settle);
  await Promise.all(
    [...gets].map(async (id) => {
      try {
        const single = await session.calls.single({ id, hasFallback: hasUsableRow(id) });
        session.recorder.picks(single, single.id);
        settle(id, single.row);
      } catch (failure) {
        settleWithFailure(session, new Set([id]), failure, settle);
      }
    }),
  );
}

/** Whether a page that is usable now has the row of an id. */
function usableRowCheck({ pages }: ReadSession): (id: string) => boolean {
  // What was written last is first, because reads come back to the same ids.
  const usable = filters.flatMap((filter) => pages.usable(filter, anyTime).toReversed());
  const rows = usable.map((page) => rowsById(page.rows));
  return (id) => pages.single(id, 'usable') !== undefined || rows.some((byId) => byId.has(id));
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
