import type { Selection } from './plan.ts';

/** An object of an answer, before that is written. */
export class Made {
  readonly selection: Selection;
  /** What it was made from. */
  readonly source: unknown;
  /** Of the selection's fields, in their order. */
  readonly values: readonly unknown[];

  constructor(selection: Selection, source: unknown, values: readonly unknown[]) {
    this.selection = selection;
    this.source = source;
    this.values = values;
  }
}
