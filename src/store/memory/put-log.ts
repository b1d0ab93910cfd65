import type { Page, Single } from '#src/domain/page.ts';

/** Pages and singles that are remembered. */
const maxEntries = 64;

/** Estimated size of an entry. */
const entryBytes = 96;

/** Where a page or a single is cached. */
type Place = Pick<Page, 'filter' | 'offset'> | Pick<Single, 'id'>;

interface Entry {
  readonly place: Place;
  readonly revision: number;
}

/** The places where the last pages and singles of one tenant were put. */
export function createPutLog() {
  const entries: Entry[] = [];
  /** The last revision that is not remembered. */
  let forgotten = 0;

  return {
    add(place: Place, revision: number): void {
      // A screen that polls one page puts the same place again and again.
      if (isSamePlace(entries.at(-1)?.place, place)) entries.pop();
      entries.push({ place, revision });
      if (entries.length > maxEntries) forgotten = entries.shift()?.revision ?? forgotten;
    },
    /** Everything was changed by this revision. */
    forget(revision: number): void {
      entries.length = 0;
      forgotten = revision;
    },
    /** The places after a revision; undefined: more than is remembered. */
    since(revision: number): readonly Place[] | undefined {
      if (revision < forgotten) return undefined;
      const first = entries.findLastIndex((entry) => entry.revision <= revision) + 1;
      return entries.slice(first).map(({ place }) => place);
    },
    bytes: () => entries.length * entryBytes,
  };
}

function isSamePlace(a: Place | undefined, b: Place): boolean {
  if (!a) return false;
  if ('id' in a || 'id' in b) return 'id' in a && 'id' in b && a.id === b.id;
  return a.filter === b.filter && a.offset === b.offset;
}
