import type { Selection } from './plan.ts';

/** Where the text of an immutable object stands in an answer. */
export class Piece {
  readonly selection: Selection;
  readonly number: number;
  /** The first of its bytes, and the first after it. */
  readonly start: number;
  readonly end: number;

  constructor(selection: Selection, number: number, start: number, end: number) {
    this.selection = selection;
    this.number = number;
    this.start = start;
    this.end = end;
  }
}

let lastNumber = 0;
const numbers = new WeakMap<object, number>();

/** The object's own: a piece knows it by that, and does not keep it. */
export function numberOf(source: object): number {
  const known = numbers.get(source);
  if (known !== undefined) return known;
  lastNumber += 1;
  numbers.set(source, lastNumber);
  return lastNumber;
}

/** How far is looked: further than any list of a window is long. */
const near = 128;

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
    if (number === undefined) return null;
    const end = Math.min(this.pieces.length, this.next + near);
    for (let at = this.next; at < end; at += 1) {
      const piece = this.pieces[at];
      if (piece?.number !== number || piece.selection !== selection) continue;
      this.next = at + 1;
      return piece;
    }
    return null;
  }
}
