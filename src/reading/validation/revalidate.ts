import { Failure } from '#src/domain/failure.ts';
import type { Page } from '#src/domain/page.ts';
import { filtered } from '#src/reading/pages/whole-account.ts';
import { withWalkStart } from '#src/reading/cursor/cursor.ts';
import type { Age } from '#src/reading/session/page-lookup.ts';
import type { ReadSession } from '#src/reading/session/read-session.ts';
import {
  type Source,
  refOf,
  type SourceRef,
  type Validator,
} from '#src/reading/session/validator.ts';
import { isOutage } from '#src/reading/upstream/is-outage.ts';

/** An answer that holds, as of the operation that asked. */
export interface Revalidated {
  readonly validator: Validator;
  /** The cursors in it that have others now, for what they name was seen again since. */
  readonly reissued: ReadonlyMap<string, string>;
}

/**
 * Whether an answer made by an earlier operation is the one that this operation would make: the same
 * versions are held, and are fresh, but for one that is called for and comes the same. Null: it has to
 * be made anew; what was called for meanwhile is the operation's own. Where no call can be had, the
 * answer holds as a stale one. Its sources count as used by the operation.
 */
export async function revalidate(
  op: ReadSession,
  validator: Validator,
): Promise<Revalidated | null> {
  if (wouldBeReadOtherwise(op, validator)) return null;
  const sources: Source[] = [];
  try {
    for (const mark of validator.sources) {
      const source = await currentOf(op, mark);
      if (source?.version !== mark.version) return null;
      sources.push(source);
    }
  } catch (failure) {
    // What comes of that, the operation tells where it needs the rows.
    if (failure instanceof Failure) return null;
    throw failure;
  }

  for (const source of sources) op.uses(source);
  return reissue(op, validator, sources);
}

/**
 * Whether the making would not send the one call that is missing here: several are, and what the first
 * brings decides on the next; rows were picked by their ids, from all that was held then; or another
 * page of the list is fresh, and may hold what the answer shows.
 */
function wouldBeReadOtherwise(op: ReadSession, { sources, revision }: Validator): boolean {
  const missing = sources.filter((mark) => !heldAs(op, 'fresh', mark));
  if (revision !== null) return op.puts() !== revision || missing.length > 0;
  const places = new Set(sources.map(placeOf));
  const isHeldElsewhere = (mark: SourceRef) =>
    mark.kind === 'single' ||
    op.fresh(mark.as, Number.NEGATIVE_INFINITY).some((page) => !places.has(placeOf(refOf(page))));
  return new Set(missing.map(placeOf)).size > 1 || missing.some(isHeldElsewhere);
}

/** Where a source is held: the same for a list and the account that it was narrowed from. */
const placeOf = (mark: SourceRef): string =>
  mark.kind === 'single' ? mark.id : `${mark.filter} ${mark.offset}`;

async function currentOf(op: ReadSession, mark: SourceRef): Promise<Source | undefined> {
  const fresh = heldAs(op, 'fresh', mark);
  if (fresh || mark.kind === 'single') return fresh;
  const { filter, offset } = mark;
  if (await op.bring(filter, offset)) {
    const brought = heldAs(op, 'fresh', mark);
    if (brought) return brought;
  }
  // Only where a failure has something to fall back on is this the call that the making would send.
  if (heldAs(op, 'usable', mark)?.version !== mark.version) return undefined;
  try {
    const page = { filter, offset, since: Number.NEGATIVE_INFINITY, search: null };
    return listed(await op.call({ ...page, fallback: true, span: op.span }), mark);
  } catch (failure) {
    if (isOutage(failure)) return heldAs(op, 'usable', mark);
    throw failure;
  }
}

function heldAs(op: ReadSession, age: Age, mark: SourceRef): Source | undefined {
  if (mark.kind === 'single') return op.single(mark.id, age);
  const page = op.page(mark.filter, mark.offset, age);
  return page && listed(page, mark);
}

const listed = (page: Page, { as }: SourceRef & { kind: 'page' }): Page =>
  page.filter === as ? page : filtered(page, as);

/**
 * Begins the answer's walks anew: a cursor that kept the time of an earlier reading would let its walk
 * use pages older than the answer, which lack what came in between.
 */
function reissue(op: ReadSession, validator: Validator, sources: readonly Source[]): Revalidated {
  const reissued = new Map<string, string>();
  const walkStarts = validator.walkStarts.map((walk) => {
    const sentAt = walk.from.map((index) => sources[index]?.sentAt ?? walk.walkStart);
    const walkStart = Math.min(...sentAt);
    if (walkStart === walk.walkStart) return walk;
    const cursor = withWalkStart(op.tenant, walk.cursor, walkStart);
    reissued.set(walk.cursor, cursor);
    return { ...walk, cursor, walkStart };
  });
  return { validator: reissued.size > 0 ? { ...validator, walkStarts } : validator, reissued };
}
