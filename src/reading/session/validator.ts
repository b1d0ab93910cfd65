import type { Page, Single } from '#src/domain/page.ts';
import type { StatusFilter } from '#src/domain/row.ts';
import { accountOf } from '#src/reading/pages/whole-account.ts';

export type Source = Page | Single;

/** Names a source of a response and the version that the response shows, without its rows. */
export type SourceRef = {
  readonly version: number;
  /** Ids whose rows were picked from it, because it was their newest source. */
  readonly picked?: readonly string[];
} & (
  | {
      readonly kind: 'page';
      readonly filter: StatusFilter;
      readonly offset: number;
      /** The list that was filtered from the page; else the page's own filter. */
      readonly as: StatusFilter;
    }
  | { readonly kind: 'single'; readonly id: string }
);

/**
 * A cursor in a response at which a walk starts: it contains the time of the pages it was made
 * from.
 */
export interface WalkStart<PageRef = number> {
  readonly cursor: string;
  /** By the monotonic clock; the cursor has it by the wall clock. */
  readonly walkStart: number;
  /** Indexes of pages in `sources` whose time is in a cursor of the response. */
  readonly from: readonly PageRef[];
  /** How many fields of the response have this cursor. */
  readonly fields: number;
}

/**
 * What a cached response was made from: pages and their versions. Decides whether it may be reused.
 */
export interface Validator {
  readonly sources: readonly SourceRef[];
  /** The tenant's revision when the first row was picked; null: no row was. */
  readonly revision: number | null;
  readonly walkStarts: readonly WalkStart[];
}

/** Collects the validator of a response while its operation reads. */
export function createValidatorBuilder() {
  const walkStarts = new Map<string, WalkStart<Page>>();
  const picked = new Map<Source, string[]>();
  let revision: number | null = null;
  let isCacheable = true;
  return {
    /** The response shows the row of an id from here, because this is its newest source. */
    picks: (source: Source, id: string, tenantRevision: number) => {
      revision ??= tenantRevision;
      const ids = picked.get(source) ?? [];
      ids.push(id);
      picked.set(source, ids);
    },
    /** A field of the response has this cursor. */
    startsWalk: (walk: Omit<WalkStart<Page>, 'fields'>) => {
      const { fields, from } = walkStarts.get(walk.cursor) ?? { fields: 0, from: walk.from };
      walkStarts.set(walk.cursor, { ...walk, fields: fields + 1 });
      // Two lists show the same row, and one reaches further: their cursors would change separately.
      if (!hasSamePages(from, walk.from)) isCacheable = false;
    },
    markUncacheable: () => {
      isCacheable = false;
    },
    /** Null: the response is not cacheable. */
    build(sources: readonly Source[]): Validator | null {
      if (!isCacheable) return null;
      const indexesOf = (pages: readonly Source[]) => pages.map((page) => sources.indexOf(page));
      return {
        sources: sources.map((source) => ({ ...refOf(source), ...pickedOf(picked.get(source)) })),
        revision,
        walkStarts: [...walkStarts.values()].map(({ from, ...walk }) => ({
          ...walk,
          from: indexesOf(from),
        })),
      };
    },
  };
}

const hasSamePages = (a: readonly Page[], b: readonly Page[]): boolean =>
  a === b || (a.length === b.length && a.every((page, index) => page === b[index]));
/** Exactly as many as there are: an array that grows has spare room. */
const pickedOf = (ids: readonly string[] | undefined): Pick<SourceRef, 'picked'> =>
  ids ? { picked: [...ids] } : {};

export function refOf(source: Source): SourceRef {
  const { version } = source;
  if (!('offset' in source)) return { kind: 'single', id: source.id, version };
  const { filter, offset } = accountOf(source) ?? source;
  return { kind: 'page', filter, offset, as: source.filter, version };
}
