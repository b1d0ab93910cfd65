import { Failure } from '#src/domain/failure.ts';
import type { Page } from '#src/domain/page.ts';
import type { Row } from '#src/domain/row.ts';
import { type Grid, gridOf, nearestOffsets, pagesIn } from '#src/reading/pages/page-grid.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { isOutage } from '#src/reading/upstream/is-outage.ts';
import { rowsById } from '#src/reading/pages/rows-by-id.ts';
import { isComplete, unjoinedSeam } from '#src/reading/pages/coverage.ts';
import { searchLimitFailure } from '#src/reading/session/search-limit.ts';

/** A row, null where there is none, or why it cannot be told. */
export type InstanceResult = Row | null | Failure;

const always = Number.NEGATIVE_INFINITY;

/**
 * Finds many instances by id with few calls.
 *
 * Rows in fresh pages cost nothing. For the rest, decided again after every call: a page where two
 * or more of them were last seen is read again; else each is asked for by itself if they are fewer
 * than the pages that nobody has just read; else the next of those is read, on a tie too, since it
 * answers the next question as well. That there is none of an id is known by its own answer, or when every page was read and
 * every seam joined.
 */
export async function readByIds(
  op: ReadSession,
  ids: readonly string[],
): Promise<Map<string, InstanceResult>> {
  const found = new Map<string, InstanceResult>();
  const missing = new Set(ids);
  const settle = (id: string, outcome: InstanceResult) => {
    found.set(id, outcome);
    missing.delete(id);
  };

  const look = lookElsewhere(op);
  // What lists of the same operation bring costs nothing.
  await op.settled();
  for (;;) {
    takeFromPages(op, missing, 'fresh', settle);
    if (missing.size === 0) return found;
    if (isComplete(op.called('all'))) {
      for (const page of op.called('all')) op.uses(page);
      for (const id of missing) settle(id, null);
      op.hangsOnMore();
      return found;
    }
    const offset = nextPage(op, missing);
    if (await look(offset, missing)) continue;
    if (offset === undefined) {
      await askEach(op, missing, settle);
      return found;
    }
    const fallback = [...missing].every((id) => hasUsable(op, id));
    try {
      await op.call({ filter: 'all', offset, since: always, fallback, search: null });
    } catch (failure) {
      settleStale(op, missing, failure, settle);
      return found;
    }
  }
}

/** Whether another replica holds what is about to be called for: asked once for each thing. */
function lookElsewhere(op: ReadSession) {
  const looked = new Set<number | string>();
  const isNew = (what: number | string) => !looked.has(what) && Boolean(looked.add(what));
  return async (offset: number | undefined, missing: ReadonlySet<string>): Promise<boolean> => {
    if (offset !== undefined) return isNew(offset) && op.bring('all', offset);
    // The first page tells of all ids, where it was never seen.
    const unseen = op.totalOf('all') === undefined;
    const first = unseen && isNew(0) && (await op.bring('all', 0));
    const ids = [...missing].filter(isNew);
    const singles = await Promise.all(ids.map((id) => op.bringSingle(id)));
    return first || singles.includes(true);
  };
}

type Settle = (id: string, outcome: InstanceResult) => void;

const lists = ['all', 'connected', 'disconnected', 'connecting'] as const;

function takeFromPages(
  op: ReadSession,
  missing: ReadonlySet<string>,
  age: 'fresh' | 'usable',
  settle: Settle,
): void {
  const pages = lists.flatMap((filter) => op[age](filter, always)).toSorted(latestFirst);
  for (const page of pages) {
    const rows = rowsById(page);
    for (const id of missing) {
      const row = rows.get(id);
      if (!row || (op.single(id, age)?.sentAt ?? page.sentAt) > page.sentAt) continue;
      op.picks(page);
      settle(id, row);
    }
  }
  for (const id of missing) {
    const single = op.single(id, age);
    if (!single) continue;
    op.picks(single);
    settle(id, single.row);
  }
}

const latestFirst = (a: Page, b: Page): number => b.sentAt - a.sentAt;

/** The page to read next; undefined: ask for each id by itself. */
function nextPage(op: ReadSession, missing: ReadonlySet<string>): number | undefined {
  const called = op.called('all');
  const read = new Set(called.map(({ offset }) => offset));
  const crowded = lastSeenTogether(op, missing, read);
  if (crowded !== undefined) return crowded;

  const grid = gridOf(op.seen('all'));
  const total = called.at(-1)?.total ?? op.totalOf('all');
  if (total === undefined) return missing.size === 1 ? undefined : 0;
  const [first] = called;
  if (first && called.length >= mostPages(first)) return undefined;

  // Where others have just looked, they are not.
  const fresh = new Set(op.fresh('all', always).map(({ offset }) => offset));
  const ground = groundWithout(fresh, total, grid);
  if (ground) return missing.size < ground.pages ? undefined : ground.first;

  // They are nowhere: to say so takes pages of this operation.
  const unread = groundWithout(read, total, grid);
  const seam = unread ? undefined : unjoinedSeam(called, grid);
  const pagesLeft = unread?.pages ?? (seam === undefined ? 0 : 1);
  return missing.size < pagesLeft ? undefined : (unread?.first ?? seam);
}

/** The pages of the grid but for some: how many, and which is the first; undefined: none are left. */
function groundWithout(known: ReadonlySet<number>, total: number, grid: Grid) {
  const first = nearestOffsets(total, 0, grid).find((offset) => !known.has(offset));
  if (first === undefined) return undefined;
  const pages = pagesIn(total, grid);
  const isOnGrid = (offset: number) => offset % grid.step === 0 && offset / grid.step < pages;
  return { first, pages: pages - [...known].filter(isOnGrid).length };
}

/** Twice what the first page said, for every seam may take one more; beyond that the vendor tells stories. */
const mostPages = (first: Page): number => 2 * pagesIn(first.total, gridOf([first])) + 6;

/** The page, not read by this operation, where most of the ids were last seen; at least two of them. */
function lastSeenTogether(
  op: ReadSession,
  missing: ReadonlySet<string>,
  read: ReadonlySet<number>,
): number | undefined {
  const crowds = op.seen('all').flatMap((page) => {
    const rows = rowsById(page);
    const count = [...missing].filter((id) => rows.has(id)).length;
    return count >= 2 && !read.has(page.offset) ? [{ offset: page.offset, count }] : [];
  });
  return crowds.toSorted((a, b) => b.count - a.count || a.offset - b.offset)[0]?.offset;
}

/**
 * More GETs than the account has pages, and a few, are never worth it. They would be where a list moves so
 * fast that its pages do not join: what is left is told to come back.
 */
const mostGets = (op: ReadSession): number =>
  pagesIn(op.totalOf('all') ?? 0, gridOf(op.seen('all'))) + 6;

async function askEach(
  op: ReadSession,
  missing: ReadonlySet<string>,
  settle: Settle,
): Promise<void> {
  const ids = [...missing];
  const most = mostGets(op);
  settleStale(op, new Set(ids.slice(most)), searchLimitFailure(), settle);
  await Promise.all(
    ids.slice(0, most).map(async (id) => {
      try {
        const single = await op.callSingle({ id, fallback: hasUsable(op, id) });
        op.picks(single);
        settle(id, single.row);
      } catch (failure) {
        settleStale(op, new Set([id]), failure, settle);
      }
    }),
  );
}

function hasUsable(op: ReadSession, id: string): boolean {
  if (op.single(id, 'usable')) return true;
  return lists.some((filter) => op.usable(filter, always).some((page) => rowsById(page).has(id)));
}

function settleStale(
  op: ReadSession,
  missing: ReadonlySet<string>,
  failure: unknown,
  settle: Settle,
): void {
  if (!(failure instanceof Failure)) throw failure;
  const left = new Set(missing);
  if (isOutage(failure)) {
    takeFromPages(op, left, 'usable', (id, outcome) => {
      left.delete(id);
      settle(id, outcome);
    });
  }
  for (const id of left) settle(id, failure);
}
