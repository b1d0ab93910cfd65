import { Failure } from '#src/domain/failure.ts';
import type { Page } from '#src/domain/page.ts';
import { withWalkStart } from '#src/reading/cursor/cursor.ts';
import { filtered, isFilterable } from '#src/reading/pages/whole-account.ts';
import type { Age } from '#src/reading/session/page-lookup.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import {
  refOf,
  type Source,
  type SourceRef,
  type Validator,
} from '#src/reading/session/validator.ts';
import { isOutage } from '#src/reading/upstream/is-outage.ts';

/** A cached response that may be reused, as of the session that revalidated it. */
export interface Revalidated {
  /**
   * The validator of the response, with other cursors where its pages were read again since. The
   * walk starts have the same order.
   */
  readonly validator: Validator;
}

const anyTime = Number.NEGATIVE_INFINITY;

/**
 * Revalidates a cached response: it may be reused if every page that it was made from is cached in
 * the same version and is fresh, except for one that is fetched and returns equal bytes. Null: the
 * operation must be executed; what was fetched meanwhile belongs to the session. Where no call is
 * possible, the response is reused as a stale one. Its pages count as used by the session.
 */
export async function revalidate(
  session: ReadSession,
  validator: Validator,
): Promise<Revalidated | null> {
  if (wouldReadOtherwise(session, validator)) return null;
  const sources: Source[] = [];
  try {
    for (const ref of validator.sources) {
      const source = await currentSource(session, ref);
      if (source?.version !== ref.version) return null;
      sources.push(source);
    }
  } catch (failure) {
    // The execution reports the failure at the field that needs the rows.
    if (failure instanceof Failure) return null;
    throw failure;
  }

  for (const source of sources) session.recorder.uses(source);
  return withCurrentCursors(session, validator, sources);
}

/**
 * Whether an execution would send other calls than the one that is missing here: several pages are
 * missing, and the first decides on the next; rows were picked by id, from all pages cached then;
 * or another page of the list is fresh, and may contain what the response shows. A reused response
 * never costs more calls than an execution.
 */
function wouldReadOtherwise({ pages }: ReadSession, { sources, revision }: Validator): boolean {
  if (revision !== null) return true;
  const missing = sources.filter((ref) => !cachedSource(pages, 'fresh', ref));
  const keys = new Set(sources.map(keyOf));
  const isFreshElsewhere = (ref: SourceRef) =>
    ref.kind === 'single' ||
    pages.fresh(ref.as, anyTime).some((page) => !keys.has(keyOf(refOf(page))));
  return new Set(missing.map(keyOf)).size > 1 || missing.some(isFreshElsewhere);
}

/**
 * Where a source is cached: the same for a list and the page of the account that it was filtered
 * from.
 */
const keyOf = (ref: SourceRef): string =>
  ref.kind === 'single' ? ref.id : `${ref.filter} ${ref.offset}`;

async function currentSource(session: ReadSession, ref: SourceRef): Promise<Source | undefined> {
  const { pages, replicas, calls, span } = session;
  const fresh = cachedSource(pages, 'fresh', ref);
  if (fresh || ref.kind === 'single') return fresh;
  const { filter, offset } = ref;
  if (await replicas.fetchPage(filter, offset)) {
    const found = cachedSource(pages, 'fresh', ref);
    if (found) return found;
  }
  // Without a stale page to fall back on, an execution would send another call than this one.
  if (cachedSource(pages, 'usable', ref)?.version !== ref.version) return undefined;
  try {
    const call = { filter, offset, since: anyTime, hasFallback: true, search: null, span };
    return listOf(await calls.page(call), ref);
  } catch (failure) {
    if (isOutage(failure)) return cachedSource(pages, 'usable', ref);
    throw failure;
  }
}

function cachedSource(pages: ReadSession['pages'], age: Age, ref: SourceRef): Source | undefined {
  if (ref.kind === 'single') return pages.single(ref.id, age);
  const page = pages.page(ref.filter, ref.offset, age);
  return page && listOf(page, ref);
}

const listOf = (page: Page, { as }: SourceRef & { readonly kind: 'page' }): Page =>
  isFilterable(as) && page.filter !== as ? filtered(page, as) : page;

/**
 * Replaces the cursors at which walks start. A cursor with the time of an earlier read would let
 * its walk use pages older than the response, which lack rows that were added in between.
 */
function withCurrentCursors(
  { tenant, wall }: ReadSession,
  validator: Validator,
  sources: readonly Source[],
): Revalidated {
  let isReissued = false;
  const walkStarts = validator.walkStarts.map((walk) => {
    const sentAt = walk.from.map((index) => sources[index]?.sentAt ?? walk.walkStart);
    const walkStart = Math.min(...sentAt);
    if (walkStart === walk.walkStart) return walk;
    const cursor = withWalkStart(tenant, walk.cursor, walkStart + wall().aheadMs);
    isReissued = true;
    return { ...walk, cursor, walkStart };
  });
  return { validator: isReissued ? { ...validator, walkStarts } : validator };
}
