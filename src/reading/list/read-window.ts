import { monotonicTimeOf } from '#src/domain/clock.ts';
import type { Row, StatusFilter } from '#src/domain/row.ts';
import {
  type Anchor,
  anchorAtEnd,
  neighbourCount,
  neighboursOf,
} from '#src/reading/cursor/anchor.ts';
import { anchorOf, type Cursor, decodeCursor, encodeCursor } from '#src/reading/cursor/cursor.ts';
import { type Landmark, nextLandmarks } from '#src/reading/cursor/landmarks.ts';
import { placeableTimeOf } from '#src/reading/pages/creation-order.ts';
import { impossiblePagination, isImpossible } from '#src/reading/pages/impossible-page.ts';
import { type Direction, offsetAt, type PageView } from '#src/reading/pages/page-view.ts';
import { shortHashOf } from '#src/reading/pages/row-hash.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import { isSearchLimitFailure, searchLimitFailure } from '#src/reading/session/search-limit.ts';
import { findPlace } from './find-place.ts';
import type { Walk } from './walk.ts';
import { findListStart } from './list-start.ts';
import type { Place } from './place.ts';

/** A stretch of a list: `count` rows from its start (from its end, backward) or from a cursor. */
export interface Window {
  readonly filter: StatusFilter;
  readonly direction: Direction;
  /** 1 to 100. */
  readonly count: number;
  readonly cursor: string | null;
}

export interface WindowEdge {
  readonly row: Row;
  /** Encoded only when it is called. */
  readonly cursor: () => string;
}

/** The rows of a window, in list order in either direction. */
export interface WindowResult {
  readonly edges: readonly WindowEdge[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly totalCount: number;
}

/**
 * Reads a window: finds where it starts, then reads page after page until it is full or the list
 * ends. Where one page ends, the place on the next is found by a row that both contain.
 */
export async function readWindow(session: ReadSession, window: Window): Promise<WindowResult> {
  try {
    return await read(session, window);
  } catch (failure) {
    if (!isSearchLimitFailure(failure)) throw failure;
    // Later attempts would end in the same way: the rows that EnviaAI counts do not exist.
    const pages = session.pages.searched(window.filter);
    throw pages.some((page) => isImpossible(page)) ? impossiblePagination() : failure;
  }
}

async function read(session: ReadSession, window: Window): Promise<WindowResult> {
  const { filter, direction } = window;
  const argument = direction === 'forward' ? 'after' : 'before';
  const cursor =
    window.cursor === null
      ? null
      : decodeCursor(window.cursor, { tenant: session.tenant, filter, argument });
  const since = cursor ? walkStartOf(cursor, session) : Number.NEGATIVE_INFINITY;
  const walk: Walk = { filter, direction, since, name: String(cursor?.walkStart ?? '') };
  const anchor = cursor ? anchorOf(cursor, direction) : null;

  const first = anchor
    ? await findPlace(session, walk, anchor, window.count)
    : await findListStart(session, walk, window.count);
  const gathered = await gather(session, walk, { first, anchor, count: window.count });
  return resultOf(session, { walk, cursor, first }, gathered);
}

/**
 * When the walk of a cursor started, by the monotonic clock. A cursor has the time of a wall clock,
 * which may have been stepped since, or is another replica's and ahead. A time too early would
 * admit pages that lack rows of the walk's first response, so a time that this wall clock never
 * showed counts as the operation's start: only pages that this operation fetches are used. The
 * cursors of the response have the corrected time.
 */
function walkStartOf({ walkStart }: Cursor, { startedAt, wall }: ReadSession): number {
  return monotonicTimeOf(walkStart, wall(), startedAt) ?? startedAt;
}

interface GatheredRow {
  readonly view: PageView;
  readonly index: number;
  readonly row: Row;
}

interface Gathered {
  readonly rows: readonly GatheredRow[];
  readonly last: PageView;
  readonly hasMore: boolean;
}

/**
 * Upper bound on the pages of a window, in case the upstream reports inconsistent pagination: each
 * has a new row.
 */
const maxPages = 111;

async function gather(
  session: ReadSession,
  walk: Walk,
  { first, anchor, count }: { first: Place; anchor: Anchor | null; count: number },
): Promise<Gathered> {
  // The rows that the cursor names were delivered before, wherever they are now.
  const delivered = new Set(
    anchor ? [shortHashOf(anchor.row), ...anchor.behind, ...anchor.landmarks] : [],
  );
  const seen = new Set<string>();
  const rows: GatheredRow[] = [];
  let { view, index } = first;

  for (let pages = 0; pages < maxPages; pages += 1) {
    session.recorder.uses(view.page);
    const isNew = (at: number) =>
      !delivered.has(shortHashOf(view.hashes[at] ?? 0)) && !seen.has(view.rows[at]?.key ?? '');
    for (; index < view.rows.length && rows.length < count; index += 1) {
      const row = view.rows[index];
      if (!row || !isNew(index)) continue;
      seen.add(row.key);
      rows.push({ view, index, row });
    }
    while (index < view.rows.length && !isNew(index)) index += 1;
    const hasMoreHere = index < view.rows.length;
    if (hasMoreHere || view.endsList || rows.length === count) {
      return { rows, last: view, hasMore: hasMoreHere || !view.endsList };
    }
    const end = anchorAtEnd(view, anchor?.landmarks ?? []);
    if (!end) break;
    ({ view, index } = await findPlace(session, walk, end));
  }
  throw searchLimitFailure();
}

interface ReadOf {
  readonly walk: Walk;
  readonly cursor: Cursor | null;
  readonly first: Place;
}

function resultOf(
  session: ReadSession,
  { walk, cursor, first }: ReadOf,
  { rows, last, hasMore }: Gathered,
): WindowResult {
  const { direction, filter } = walk;
  const start = rows[0] ?? first;
  const hasBefore = !(start.view.startsList && start.index === 0);
  const from = [...new Set([...rows.map(({ view }) => view.page), last.page])];
  const walkStart = cursor ? walk.since : Math.min(...from.map(({ sentAt }) => sentAt));
  const { aheadMs } = session.wall();
  const delivered = rows.map(({ view, index }) => shortHashOf(view.hashes[index] ?? 0));
  const earlier = cursor ? landmarksBehind(cursor, direction) : [];

  const cursorOf = ({ view, index }: GatheredRow, at: number): string => {
    const isEnd = at === rows.length - 1;
    const isFull = isEnd || at === 0;
    const landmarks = () =>
      isEnd ? nextLandmarks(delivered, earlier) : nextLandmarks(delivered.toReversed(), []);
    const text = encodeCursor(session.tenant, {
      filter,
      full: isFull,
      offset: offsetAt(view, index),
      total: view.page.total,
      row: view.hashes[index] ?? 0,
      createdAtMs: placeableTimeOf(view.rows, index),
      walkStart: walkStart + aheadMs,
      ...neighboursOf(view, index, isFull ? neighbourCount : 2),
      landmarks: isFull ? landmarks() : [],
      landmarksOf: isEnd ? direction : opposite(direction),
    });
    if (!cursor) session.recorder.startsWalk({ cursor: text, walkStart, from });
    return text;
  };

  const edges = rows.map((gathered, at): WindowEdge => ({
    row: gathered.row,
    cursor: () => cursorOf(gathered, at),
  }));
  return {
    edges: direction === 'forward' ? edges : edges.toReversed(),
    hasNextPage: direction === 'forward' ? hasMore : hasBefore,
    hasPreviousPage: direction === 'forward' ? hasBefore : hasMore,
    totalCount: last.page.total,
  };
}

const opposite = (direction: Direction): Direction =>
  direction === 'forward' ? 'backward' : 'forward';

/** The rows that a cursor names as delivered before it, with their distances. */
function landmarksBehind(cursor: Cursor, direction: Direction): Landmark[] {
  const behind = direction === 'forward' ? cursor.before.toReversed() : cursor.after;
  const near = [shortHashOf(cursor.row), ...behind].map((shortHash, distance) => ({
    shortHash,
    distance,
  }));
  return cursor.landmarksOf === direction ? [...near, ...cursor.landmarks] : near;
}
