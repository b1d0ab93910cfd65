import type { Page } from '#src/domain/page.ts';
import { rowsById } from '#src/reading/pages/rows-by-id.ts';

/** Where ids were last seen. */
export interface LastSeen {
  /** Offsets of pages that had two or more of the ids, those with the most first. */
  readonly together: readonly number[];
  /** The offset of the page of each id that was seen on none of these pages. */
  readonly alone: ReadonlyMap<string, number>;
  /** The ids that are on none of the pages of `together`. */
  readonly left: ReadonlySet<string>;
}

/**
 * Where the ids were last seen on these pages. Neighbouring pages overlap, so an id can be on two:
 * it counts for the one that has more of the others.
 */
export function lastSeenOf(
  pages: readonly Page[],
  ids: ReadonlySet<string>,
  maxTogether: number,
): LastSeen {
  const left = new Set(ids);
  let candidates = pages
    .map(({ offset, rows }) => ({ offset, ids: idsAmong(rowsById(rows), ids) }))
    .filter((page) => page.ids.length > 0);
  const together: number[] = [];
  while (together.length < maxTogether) {
    const [best] = candidates.toSorted(
      (a, b) => b.ids.length - a.ids.length || a.offset - b.offset,
    );
    if (!best || best.ids.length < 2) break;
    together.push(best.offset);
    for (const id of best.ids) left.delete(id);
    candidates = candidates
      .map((page) => ({ ...page, ids: page.ids.filter((id) => left.has(id)) }))
      .filter((page) => page.ids.length > 0);
  }
  // The first page of an id is the one with the lowest offset.
  const alone = candidates
    .toSorted((a, b) => b.offset - a.offset)
    .flatMap((page) => page.ids.map((id) => [id, page.offset] as const));
  return { together, alone: new Map(alone), left };
}

const idsAmong = (rows: ReadonlyMap<string, unknown>, ids: ReadonlySet<string>): string[] =>
  [...ids].filter((id) => rows.has(id));
