import type { Page } from '#src/domain/page.ts';
import { chainOf, latestOf, unjoinedSeam } from '#src/reading/pages/coverage.ts';
import { gridOf, isOnGrid, pagesIn } from '#src/reading/pages/page-grid.ts';

/** A complete scan of a list. */
export interface CompleteScan {
  /** From the start of the list to its end, each joined to the next. */
  readonly chain: readonly Page[];
  /** When the first of them was requested. */
  readonly from: number;
}

/** The latest pages of one list, and which of them belong to the scan that is going on. */
export interface ListScan {
  /** Latest pages, from the start of the list. */
  readonly pages: () => readonly Page[];
  readonly page: (offset: number) => Page | undefined;
  /** How many pages the list has; undefined: no page was read yet. */
  readonly length: () => number | undefined;
  /** Offsets of the pages that have to be read, again and again. */
  offsets(): readonly number[];
  /** Returns the scan that the page completes. An older page than the known one is ignored. */
  add(page: Page): CompleteScan | null;
  /** Scans in a row of which all pages were read, and could not be joined. */
  readonly failures: () => number;
}

/** Each scan begins after the last one has ended. */
export function createListScan(): ListScan {
  const latest = new Map<number, Page>();
  let since = Number.NEGATIVE_INFINITY;
  let failures = 0;
  const all = () => [...latest.values()];
  const scanned = () => all().filter(({ sentAt }) => sentAt >= since);

  function complete(chain: readonly Page[]): CompleteScan {
    since = Math.max(...chain.map(({ receivedAt }) => receivedAt)) + 1;
    failures = 0;
    const { total = 0 } = latestOf(chain) ?? {};
    const grid = gridOf(chain);
    for (const offset of latest.keys()) if (!isOnGrid(offset, total, grid)) latest.delete(offset);
    return { chain, from: Math.min(...chain.map(({ sentAt }) => sentAt)) };
  }

  return {
    pages: () => all().toSorted((a, b) => a.offset - b.offset),
    page: (offset) => latest.get(offset),
    length() {
      const last = latestOf(all());
      return last && pagesIn(last.total, gridOf(all()));
    },
    offsets() {
      const last = latestOf(all());
      if (!last) return [0];
      const grid = gridOf(all());
      const onGrid = Array.from(
        { length: pagesIn(last.total, grid) },
        (_, index) => index * grid.step,
      );
      const read = scanned();
      if (!onGrid.every((offset) => read.some((page) => page.offset === offset))) return onGrid;
      const seam = unjoinedSeam(read, grid);
      if (seam !== undefined) return [...onGrid, seam];
      // No page can join what was read: the list changes too fast, and the scan starts again.
      if (read.length > 0) {
        since = Math.max(...read.map(({ receivedAt }) => receivedAt)) + 1;
        failures += 1;
      }
      return onGrid;
    },
    add(page) {
      if ((latest.get(page.offset)?.sentAt ?? Number.NEGATIVE_INFINITY) > page.sentAt) return null;
      latest.set(page.offset, page);
      const chain = chainOf(scanned());
      return chain ? complete(chain) : null;
    },
    failures: () => failures,
  };
}
