import type { Page } from '#src/domain/page.ts';
import { centredOffset, type Grid } from './page-grid.ts';

const byOffset = (pages: readonly Page[]) => pages.toSorted((a, b) => a.offset - b.offset);

/** The page whose call was sent last. Pages that were called together arrive in any order. */
export const latestOf = (pages: readonly Page[]): Page | undefined =>
  pages.reduce<Page | undefined>(
    (latest, page) => (latest && latest.sentAt > page.sentAt ? latest : page),
    undefined,
  );

/** Two pages are joined only by a row that both contain: offsets and totals can agree by chance. */
function areJoined(a: Page, b: Page): boolean {
  const keys = new Set(a.rows.map(({ key }) => key));
  return b.rows.some(({ key }) => keys.has(key));
}

/** Whether the pages prove that the whole list was read: from start to end, every seam joined. */
export const isComplete = (pages: readonly Page[]): boolean => chainOf(pages) !== undefined;

/**
 * The pages from the start of the list to its end, each joined to the next; undefined where the
 * chain breaks.
 */
export function chainOf(pages: readonly Page[]): readonly Page[] | undefined {
  const chain: Page[] = [];
  for (const page of byOffset(pages)) {
    const last = chain.at(-1);
    if (last && !last.hasMore) break;
    if (!last ? page.offset === 0 : areJoined(last, page)) chain.push(page);
  }
  return chain.at(-1)?.hasMore === false ? chain : undefined;
}

/**
 * The offset of a page centred on the first seam that no row joins; undefined: there is none that
 * was not read.
 */
export function unjoinedSeam(pages: readonly Page[], grid: Grid): number | undefined {
  if (isComplete(pages)) return undefined;
  const sorted = byOffset(pages);
  const read = new Set(pages.map(({ offset }) => offset));
  for (const [index, page] of sorted.entries()) {
    const next = sorted[index + 1];
    if (!next || !page.hasMore || areJoined(page, next)) continue;
    const seam = page.offset + page.rows.length + (next.total - page.total);
    const offset = centredOffset(seam, grid);
    if (!read.has(offset)) return offset;
  }
  return undefined;
}
