import type { Selection } from './plan.ts';

/** Where the text of an immutable object stands in an answer. It knows both by number: to keep them would keep whole documents. */
export class Piece {
  /** Of the selection. */
  readonly fields: number;
  /** Of the object. */
  readonly number: number;
  /** The first of its bytes, and the first after it. */
  readonly start: number;
  readonly end: number;

  constructor(fields: number, number: number, start: number, end: number) {
    this.fields = fields;
    this.number = number;
    this.start = start;
    this.end = end;
  }
}

let lastNumber = 0;
const numbers = new WeakMap<object, number>();

/** The object's own, for as long as it lives. */
export function numberOf(source: object): number {
  const known = numbers.get(source);
  if (known !== undefined) return known;
  lastNumber += 1;
  numbers.set(source, lastNumber);
  return lastNumber;
}

/** How many pieces are looked at: more than the longest list of ids has by default. */
const near = 1024;

/** An answer as it was last written. */
export class Earlier {
  readonly body: Buffer;
  private readonly pieces: readonly Piece[];
  private next = 0;

  constructor(body: Buffer, pieces: readonly Piece[]) {
    this.body = body;
    this.pieces = pieces;
  }

  textOf({ start, end }: Piece): string {
    return this.body.toString('utf8', start, end);
  }

  /** The piece that says the same of the same object. Asked for in the order of the answer, it is found at once. */
  find(selection: Selection, source: unknown): Piece | null {
    const number = typeof source === 'object' && source ? numbers.get(source) : undefined;
    const fields = numbers.get(selection);
    const { length } = this.pieces;
    if (number === undefined || fields === undefined) return null;
    for (let looked = 0; looked < Math.min(length, near); looked += 1) {
      const at = (this.next + looked) % length;
      const piece = this.pieces[at];
      if (piece?.number !== number || piece.fields !== fields) continue;
      this.next = at + 1;
      return piece;
    }
    return null;
  }
}
