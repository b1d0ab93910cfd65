import { isId } from '#src/loaders/instance-by-id.ts';
import { gridOf, pagesIn } from '#src/reading/pages/page-grid.ts';
import { maxSearchCalls } from '#src/reading/session/search-limit.ts';
import type { Window } from '#src/reading/list/read-window.ts';
import { type OperationInput, type RootRead, readsOf } from './reads.ts';

/** The upstream calls that an operation can cause at worst, and for what. */
export interface WorstCalls {
  readonly calls: number;
  readonly lists: number;
  /** To find again the places that cursors name, where their rows have moved or gone. */
  readonly searches: number;
  readonly ids: number;
}

/**
 * The upstream calls that an operation can cause at worst where nothing is held in memory, for an
 * account of so many rows that answers, and in pages as full as asked for. Second attempts at
 * calls that failed are not counted: they have an allowance of their own.
 */
export function worstCalls(
  asking: OperationInput,
  { instances }: { readonly instances: number },
): WorstCalls {
  const { reads } = readsOf(asking);
  const pages = pagesIn(instances, gridOf([]));
  const windows = reads.flatMap((read) => (read.kind === 'window' ? read.window : []));
  const lists = callsForLists(windows, pages);
  const ids = callsForIds(idsOf(reads), pages);
  // All searches of an operation share these, however many there are.
  const searches = windows.some(({ cursor }) => cursor !== null) ? maxSearchCalls : 0;
  return { calls: lists + searches + ids, lists, searches, ids };
}

/**
 * Windows that begin at the same place read the same pages: the longest of them counts.
 *
 * Those with a cursor are not bounded by the pages of the account: a cursor names a place of the list as it
 * once was, which may have been longer, and whoever has the key can make cursors up.
 */
function callsForLists(windows: readonly Window[], pages: number): number {
  const counts = new Map<string, Window>();
  for (const window of windows) {
    const place = [window.filter, window.direction, window.cursor ?? ''].join(' ');
    const known = counts.get(place);
    if (!known || known.count < window.count) counts.set(place, window);
  }
  return [...counts.values()].reduce((sum, window) => sum + callsForWindow(window, pages), 0);
}

/** How many rows follow a place at least on the page of the grid that holds it. */
const rowsAhead = 10;

function callsForWindow({ direction, count, cursor }: Window, pages: number): number {
  if (cursor !== null) {
    // Where the row was; where it is not there any more, a search; from what that found on, ten
    // rows more with the next page, and all 100 with the one after.
    return Math.min(count <= rowsAhead ? 2 : 3, pages);
  }
  // One page holds as many rows as can be asked for.
  if (direction === 'forward') return 1;
  // Where the list was thought to end, where it does end, and the page before that.
  return Math.min(3, pages + 1);
}

/** Of each id once, as they are read together; what no id can look like costs nothing. */
function idsOf(reads: readonly RootRead[]): number {
  const all = reads.flatMap((read) => (read.kind === 'ids' ? read.ids : []));
  return new Set(all.filter((id) => typeof id === 'string' && isId(id))).size;
}

/**
 * One id is asked for by itself. Of more, the first page tells how many pages there are; from then
 * on each call is a page or an id, whichever of them are fewer.
 */
const callsForIds = (ids: number, pages: number): number =>
  ids <= 1 ? ids : Math.min(ids + 1, pages);
