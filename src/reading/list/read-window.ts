import type { Row, StatusFilter } from '#src/domain/row.ts';
import {
  type Anchor,
  anchorAtEnd,
  neighboursOf,
  neighbourCount,
} from '#src/reading/cursor/anchor.ts';
import { placeableTimeOf } from '#src/reading/pages/creation-order.ts';
import { anchorOf, type Cursor, decodeCursor, encodeCursor } from '#src/reading/cursor/cursor.ts';
import { nextLandmarks, type Landmark } from '#src/reading/cursor/landmarks.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import type { Place } from './place.ts';
import { shortHashOf } from '#src/reading/pages/row-hash.ts';
import { findPlace, type Walk } from './find-place.ts';
import { findListStart } from './list-start.ts';
import { type Direction, offsetAt, type PageView } from '#src/reading/pages/page-view.ts';
import { searchLimitFailure } from '#src/reading/session/search-limit.ts';

/** Some rows of a list: so many from its start (its end, when reading backward) or from a cursor. */
export interface Window {
  readonly filter: StatusFilter;
  readonly direction: Direction;
  /** 1 to 100. */
  readonly count: number;
  readonly cursor: string | null;
}

export interface WindowEdge {
  readonly row: Row;
  /** Made when asked for. */
  readonly cursor: () => string;
}

/** The rows of a window, in list order whichever way they were read. */
export interface WindowResult {
  readonly edges: readonly WindowEdge[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly totalCount: number;
}

/**
 * Reads a window: finds where it begins, and goes on from page to page, each join a search for the
 * row that both hold, until it is full or the list ends.
 */
export async function readWindow(op: ReadSession, window: Window): Promise<WindowResult> {
  const { filter, direction } = window;
  const argument = direction === 'forward' ? 'after' : 'before';
  const cursor =
    window.cursor === null
      ? null
      : decodeCursor(window.cursor, { tenant: op.tenant, filter, argument });
  // A replica whose clock is ahead may have given the cursor: no page would ever be late enough.
  const since = cursor ? Math.min(cursor.walkStart, op.startedAt) : Number.NEGATIVE_INFINITY;
  const walk: Walk = { filter, direction, since };
  const anchor = cursor ? anchorOf(cursor, direction) : null;

  const first = anchor ? await findPlace(op, walk, anchor) : await findListStart(op, walk);
  const gathered = await gather(op, walk, { first, anchor, count: window.count });
  return answerOf(op, window, cursor, first, gathered);
}

interface Taken {
  readonly view: PageView;
  readonly index: number;
  readonly row: Row;
}

interface Gathered {
  readonly taken: readonly Taken[];
  readonly last: PageView;
  readonly more: boolean;
}

/** Every page of a window brings at least one row, or the upstream tells stories. */
const mostJoins = 110;

async function gather(
  op: ReadSession,
  walk: Walk,
  { first, anchor, count }: { first: Place; anchor: Anchor | null; count: number },
): Promise<Gathered> {
  // Rows that the cursor names were delivered already, wherever they stand by now.
  const named = new Set(
    anchor ? [shortHashOf(anchor.row), ...anchor.behind, ...anchor.landmarks] : [],
  );
  const seen = new Set<string>();
  const taken: Taken[] = [];
  let { view, index } = first;

  for (let joins = 0; joins <= mostJoins; joins += 1) {
    op.uses(view.page);
    const isNew = (at: number) =>
      !named.has(shortHashOf(view.prints[at] ?? 0)) && !seen.has(view.rows[at]?.key ?? '');
    for (; index < view.rows.length && taken.length < count; index += 1) {
      const row = view.rows[index];
      if (!row || !isNew(index)) continue;
      seen.add(row.key);
      taken.push({ view, index, row });
    }
    while (index < view.rows.length && !isNew(index)) index += 1;
    const here = index < view.rows.length;
    if (here || view.endsList || taken.length === count) {
      return { taken, last: view, more: here || !view.endsList };
    }
    const end = anchorAtEnd(view, anchor?.landmarks ?? []);
    if (!end) break;
    ({ view, index } = await findPlace(op, walk, end));
  }
  throw searchLimitFailure();
}

function answerOf(
  op: ReadSession,
  window: Window,
  cursor: Cursor | null,
  first: Place,
  { taken, last, more }: Gathered,
): WindowResult {
  const { direction, filter } = window;
  const begin = taken[0] ?? first;
  const before = !(begin.view.startsList && begin.index === 0);
  const from = [...new Set([...taken.map(({ view }) => view.page), last.page])];
  const walkStart = cursor?.walkStart ?? Math.min(...from.map(({ sentAt }) => sentAt));
  const delivered = taken.map(({ view, index }) => shortHashOf(view.prints[index] ?? 0));
  const handed = cursor ? handedBy(cursor, direction) : [];

  const cursorOf = ({ view, index }: Taken, place: number): string => {
    const end = place === taken.length - 1;
    const full = end || place === 0;
    const side = end ? direction : opposite(direction);
    const marks = () =>
      end ? nextLandmarks(delivered, handed) : nextLandmarks(delivered.toReversed(), []);
    const text = encodeCursor(op.tenant, {
      filter,
      full,
      offset: offsetAt(view, index),
      total: view.page.total,
      row: view.prints[index] ?? 0,
      createdAtMs: placeableTimeOf(view.rows, index),
      walkStart,
      ...neighboursOf(view, index, full ? neighbourCount : 2),
      landmarks: full ? marks() : [],
      landmarksOf: side,
    });
    if (!cursor) op.beginsWalk({ cursor: text, walkStart, from });
    return text;
  };

  const edges = taken.map((each, place): WindowEdge => ({
    row: each.row,
    cursor: () => cursorOf(each, place),
  }));
  return {
    edges: direction === 'forward' ? edges : edges.toReversed(),
    hasNextPage: direction === 'forward' ? more : before,
    hasPreviousPage: direction === 'forward' ? before : more,
    totalCount: last.page.total,
  };
}

const opposite = (direction: Direction): Direction =>
  direction === 'forward' ? 'backward' : 'forward';

/** What a cursor knows of rows delivered before it, by how far back they were. */
function handedBy(cursor: Cursor, direction: Direction): Landmark[] {
  const behind = direction === 'forward' ? cursor.before.toReversed() : cursor.after;
  const own = [shortHashOf(cursor.row), ...behind].map((short, index) => ({
    short,
    distance: index,
  }));
  return cursor.landmarksOf === direction ? [...own, ...cursor.landmarks] : own;
}
