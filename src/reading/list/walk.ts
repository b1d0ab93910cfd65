import type { StatusFilter } from '#src/domain/row.ts';
import type { Direction } from '#src/reading/pages/page-view.ts';

/** One client's way through a list, from window to window. */
export interface Walk {
  readonly filter: StatusFilter;
  readonly direction: Direction;
  /** When the pages of the walk's first response were requested: no older page is used. */
  readonly since: number;
  /** The start of the walk as its cursor has it: the same at every attempt with the cursor. */
  readonly name: string;
}
