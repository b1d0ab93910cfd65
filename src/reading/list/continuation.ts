import { continuationOf, gridOf } from '#src/reading/pages/page-grid.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import type { Walk } from './walk.ts';

/** A window's first page, and what it needs of the list. */
export interface WindowStart {
  /** The offset of its first page. */
  readonly page: number;
  /** The offset of the window's first row; read backward, of the row after it in the list. */
  readonly from: number;
  /** The length of the list, as far as it is known. */
  readonly total: number;
  readonly count: number;
}

/**
 * The offset of the page that a window continues on, if it needs one and no fresh page has it. To
 * call for it together with the first page costs one round trip instead of two.
 */
export function missingContinuation(
  { pages }: ReadSession,
  { filter, direction, since }: Walk,
  { count, ...start }: WindowStart,
): number | undefined {
  const offset = continuationOf({ direction, ...start }, count, gridOf(pages.seen(filter)));
  if (offset === undefined) return undefined;
  const fresh = pages.page(filter, offset, 'fresh');
  return fresh && fresh.sentAt >= since ? undefined : offset;
}

export function prefetch({ pages, calls }: ReadSession, walk: Walk, offset: number): void {
  const usable = pages.page(walk.filter, offset, 'usable');
  const hasFallback = usable !== undefined && usable.sentAt >= walk.since;
  calls.prefetch({ ...walk, offset, hasFallback });
}
