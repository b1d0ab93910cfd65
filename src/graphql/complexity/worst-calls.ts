import { canBeId, hasGet } from '#src/reading/by-id/id-form.ts';
import { gridOf, pagesIn } from '#src/reading/pages/page-grid.ts';
import { maxSearchCalls } from '#src/reading/session/search-limit.ts';
import type { Window } from '#src/reading/list/read-window.ts';
import { type OperationInput, type OperationReads, readsOf } from './reads.ts';
import type { UpstreamRead } from '#src/graphql/upstream-cost.ts';

/** The upstream calls that an operation causes in the worst case, by their purpose. */
export interface WorstCalls {
  /** The sum of the others. */
  readonly calls: number;
  readonly lists: number;
  /** Searches for the places of cursors whose rows have moved or were deleted. */
  readonly searches: number;
  readonly ids: number;
  /** Of mutation fields: each writes, and reads the instance after that. */
  readonly writes: number;
  /** Calls of fields with a fixed number of them. */
  readonly others: number;
}

/**
 * The upstream calls that an operation causes in the worst case: with an empty cache, for an
 * account of this many instances, if EnviaAI answers with full pages. Retries are not counted: the
 * retry budget limits them.
 */
export const worstCalls = (
  input: OperationInput,
  account: { readonly instances: number },
): WorstCalls => worstCallsOf(readsOf(input), account);

/** {@link worstCalls} of an operation whose reads are known. */
export function worstCallsOf(
  operation: OperationReads,
  { instances }: { readonly instances: number },
): WorstCalls {
  const reads = operation.reads.flatMap((root) => root.reads);
  const pages = pagesIn(instances, gridOf([]));
  const windows = reads.flatMap((read) => (read.kind === 'window' ? read.window : []));
  const lists = callsForLists(windows, pages);
  const ids = callsForIds(idsOf(reads), pages);
  const writes = reads.filter(({ kind }) => kind === 'write').length * callsForWrite;
  const others = reads.reduce((sum, read) => sum + (read.kind === 'calls' ? read.calls : 0), 0);
  // The limit on search calls is for the whole operation.
  const searches = windows.some(({ cursor }) => cursor !== null) ? maxSearchCalls : 0;
  const calls = lists + searches + ids + writes + others;
  return { calls, lists, searches, ids, writes, others };
}

const callsForWrite = 2;

/**
 * Windows with the same start read the same pages, so the longest of them counts.
 *
 * The number of windows with different cursors is not limited by the pages of the account: a
 * cursor names a place in the list as it once was, which may have been longer, and clients can
 * invent cursors.
 */
function callsForLists(windows: readonly Window[], pages: number): number {
  const longest = new Map<string, Window>();
  for (const window of windows) {
    const start = [window.filter, window.direction, window.cursor ?? ''].join(' ');
    const known = longest.get(start);
    if (!known || known.count < window.count) longest.set(start, window);
  }
  return [...longest.values()].reduce((sum, window) => sum + callsForWindow(window, pages), 0);
}

/** The rows that follow a place on its page of the grid, at least. */
const minRowsAhead = 10;

function callsForWindow({ direction, count, cursor }: Window, pages: number): number {
  if (cursor !== null) {
    // The page where the row was. If a search moved the place: ten more rows with the next page,
    // and all 100 with the page after that.
    return Math.min(count <= minRowsAhead ? 2 : 3, pages);
  }
  // One page has the maximum of `first`.
  if (direction === 'forward') return 1;
  // The expected end of the list, its actual end, and the page before that.
  return Math.min(3, pages + 1);
}

/** Distinct ids: the operation reads them together. A value that cannot be an id costs no call. */
function idsOf(reads: readonly UpstreamRead[]): readonly string[] {
  const all = reads.flatMap((read) => (read.kind === 'ids' ? read.ids : []));
  return [...new Set(all.filter((id) => typeof id === 'string'))].filter(canBeId);
}

/**
 * A single id is one GET. For several ids, the first page reports the number of pages; each further
 * call is a page or a GET by id, whichever are fewer. An id without a GET takes every page.
 */
function callsForIds(ids: readonly string[], pages: number): number {
  if (!ids.every(hasGet)) return pages;
  return ids.length <= 1 ? ids.length : Math.min(ids.length + 1, pages);
}
