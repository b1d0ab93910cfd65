import type { Page } from '#src/domain/page.ts';
import type { Anchor } from '#src/reading/cursor/anchor.ts';
import { chainOf } from '#src/reading/pages/coverage.ts';
import { createdAtMsOf, creationOrderOf } from '#src/reading/pages/creation-order.ts';
import { type Direction, viewOf } from '#src/reading/pages/page-view.ts';
import { shortHashOf } from '#src/reading/pages/row-hash.ts';
import { searchLimitFailure } from '#src/reading/session/search-limit.ts';
import type { Place } from './place.ts';

/**
 * The place where reading continues after a complete scan found neither the anchor's row nor its
 * neighbours: the start, where every row before the anchor is known to be gone; else by creation
 * time, where the list is in that order; else after the nearest landmark; else the start. Rows may
 * repeat, none is skipped.
 */
export function placeInFullScan(
  pages: readonly Page[],
  direction: Direction,
  anchor: Anchor,
): Place {
  const chain = chainOf(pages);
  if (!chain) throw searchLimitFailure();
  const rows = rowPlacesOf(direction === 'forward' ? chain : chain.toReversed(), direction);
  const start = 0;
  const at = anchor.behindReachesStart
    ? start
    : (indexByCreation(rows, anchor) ?? indexAfterLandmark(rows, anchor) ?? start);
  return placeAt(rows, at, chain, direction);
}

/** A row of the scan, in reading order. */
interface RowPlace extends Place {
  readonly shortHash: number;
  readonly createdAtMs: number | null;
}

function rowPlacesOf(pages: readonly Page[], direction: Direction): RowPlace[] {
  const seen = new Set<string>();
  const rows: RowPlace[] = [];
  for (const page of pages) {
    const view = viewOf(page, direction);
    for (const [index, row] of view.rows.entries()) {
      if (seen.has(row.key)) continue;
      seen.add(row.key);
      const shortHash = shortHashOf(view.hashes[index] ?? 0);
      rows.push({ view, index, shortHash, createdAtMs: createdAtMsOf(row) });
    }
  }
  return rows;
}

function indexByCreation(rows: readonly RowPlace[], { createdAtMs }: Anchor): number | undefined {
  if (createdAtMs === null) return undefined;
  const order = creationOrderOf(rows.flatMap(({ view, index }) => view.rows[index] ?? []));
  if (order === undefined) return undefined;
  // The first row that can have followed: a row of the same time may repeat, but is not skipped.
  const isReached = (time: number) =>
    order === 'ascending' ? time >= createdAtMs : time <= createdAtMs;
  const index = rows.findIndex((row) => isReached(row.createdAtMs ?? createdAtMs));
  return index < 0 ? rows.length : index;
}

function indexAfterLandmark(rows: readonly RowPlace[], { landmarks }: Anchor): number | undefined {
  const indexes = new Map(rows.map(({ shortHash }, index) => [shortHash, index]));
  for (const landmark of landmarks) {
    const index = indexes.get(landmark);
    if (index !== undefined) return index + 1;
  }
  return undefined;
}

function placeAt(
  rows: readonly RowPlace[],
  at: number,
  chain: readonly Page[],
  direction: Direction,
): Place {
  const row = rows[at];
  if (row) return row;
  const last = direction === 'forward' ? chain.at(-1) : chain[0];
  if (!last) throw searchLimitFailure();
  const view = viewOf(last, direction);
  return { view, index: view.rows.length };
}
