import { Failure } from '#src/domain/failure.ts';
import type { Page } from '#src/domain/page.ts';
import { maxPageRows } from './page-grid.ts';

/**
 * Whether a page contradicts itself: it is empty, and its total promises at least `missing` rows at
 * its offset. By default, a whole page: a total that is too high by less hides no row from a search.
 */
export const isImpossible = (
  { rowCount, offset, total }: Page,
  missing: number = maxPageRows,
): boolean => rowCount === 0 && total >= offset + missing;

/** The failure of a read that EnviaAI's contradictions make impossible, now and later. */
export const impossiblePagination = (): Failure =>
  new Failure('malformed', 'The pagination of EnviaAI contradicts its pages');
