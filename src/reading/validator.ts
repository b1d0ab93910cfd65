import { Failure } from '#src/domain/failure.ts';
import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import { accountOf, narrowed } from './account.ts';
import { withWalkStart } from './cursor.ts';
import type { Age } from './held.ts';
import type { Operation } from './operation.ts';
import { isOutage } from './outage.ts';

type Source = Page | Single;

/** A source of an answer, without the rows: where it is held, and the version that the answer shows. */
export type Mark = { readonly version: number } & (
  | {
      readonly kind: 'page';
      readonly filter: StatusFilter;
      readonly offset: number;
      /** The list that was narrowed from it; else its own filter. */
      readonly as: StatusFilter;
    }
  | { readonly kind: 'single'; readonly id: string }
);

/** A cursor at which a walk begins: it carries the time of what it was made from. */
interface Begun {
  readonly cursor: string;
  readonly walkStart: number;
  /** Which of the sources. */
  readonly from: readonly number[];
}

/** The same, as the operation that makes the answer knows it. */
export interface Beginning extends Omit<Begun, 'from'> {
  readonly from: readonly Page[];
}

/** By what it is told whether a finished answer would be made again, without making it. */
export interface Validator {
  readonly sources: readonly Mark[];
  /** The shelf's number of puts, where rows were picked as the newest of their ids; null: none were. */
  readonly puts: number | null;
  readonly begun: readonly Begun[];
}

/** Notes, while an answer is made, what its validator has to know. */
export function createMaking() {
  const begun: Beginning[] = [];
  let picked = false;
  let hangsOnMore = false;
  return {
    picks: () => {
      picked = true;
    },
    beginsWalk: (walk: Beginning) => {
      begun.push(walk);
    },
    hangsOnMore: () => {
      hangsOnMore = true;
    },
    validator(sources: readonly Source[], puts: number): Validator | null {
      if (hangsOnMore) return null;
      const indexes = (pages: readonly Source[]) => pages.map((page) => sources.indexOf(page));
      return {
        sources: sources.map(markOf),
        puts: picked ? puts : null,
        begun: begun.map(({ from, ...walk }) => ({ ...walk, from: indexes(from) })),
      };
    },
  };
}

function markOf(source: Source): Mark {
  const { version } = source;
  if (!('offset' in source)) return { kind: 'single', id: source.id, version };
  const { filter, offset } = accountOf(source) ?? source;
  return { kind: 'page', filter, offset, as: source.filter, version };
}

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
export async function revalidate(op: Operation, validator: Validator): Promise<Revalidated | null> {
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
function wouldBeReadOtherwise(op: Operation, { sources, puts }: Validator): boolean {
  const missing = sources.filter((mark) => !heldAs(op, 'fresh', mark));
  if (puts !== null) return op.puts() !== puts || missing.length > 0;
  const places = new Set(sources.map(placeOf));
  const isHeldElsewhere = (mark: Mark) =>
    mark.kind === 'single' ||
    op.fresh(mark.as, Number.NEGATIVE_INFINITY).some((page) => !places.has(placeOf(markOf(page))));
  return new Set(missing.map(placeOf)).size > 1 || missing.some(isHeldElsewhere);
}

/** Where a source is held: the same for a list and the account that it was narrowed from. */
const placeOf = (mark: Mark): string =>
  mark.kind === 'single' ? mark.id : `${mark.filter} ${mark.offset}`;

async function currentOf(op: Operation, mark: Mark): Promise<Source | undefined> {
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

function heldAs(op: Operation, age: Age, mark: Mark): Source | undefined {
  if (mark.kind === 'single') return op.single(mark.id, age);
  const page = op.page(mark.filter, mark.offset, age);
  return page && listed(page, mark);
}

const listed = (page: Page, { as }: Mark & { kind: 'page' }): Page =>
  page.filter === as ? page : narrowed(page, as);

/**
 * Begins the answer's walks anew: a cursor that kept the time of an earlier reading would let its walk
 * use pages older than the answer, which lack what came in between.
 */
function reissue(op: Operation, validator: Validator, sources: readonly Source[]): Revalidated {
  const reissued = new Map<string, string>();
  const begun = validator.begun.map((walk) => {
    const sentAt = walk.from.map((index) => sources[index]?.sentAt ?? walk.walkStart);
    const walkStart = Math.min(...sentAt);
    if (walkStart === walk.walkStart) return walk;
    const cursor = withWalkStart(op.tenant, walk.cursor, walkStart);
    reissued.set(walk.cursor, cursor);
    return { ...walk, cursor, walkStart };
  });
  return { validator: reissued.size > 0 ? { ...validator, begun } : validator, reissued };
}
