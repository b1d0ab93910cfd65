import { Made } from './made.ts';
import { type Earlier, numberOf, Piece } from './pieces.ts';

/** An answer's bytes. */
export interface Written {
  readonly body: Buffer;
  /** Of the data, with what stands before it. */
  readonly dataLength: number;
  readonly pieces: readonly Piece[];
}

/**
 * Writes an answer as JSON: the data, then the tail. Pieces of the earlier answer are copied as bytes,
 * those that follow each other in one go.
 */
export function writeAnswer(data: Made | null, tail: string, earlier?: Earlier): Written {
  const writer = new Writer(earlier?.body);
  writer.text('{"data":');
  writer.value(data);
  const dataLength = writer.length();
  writer.text(tail);
  return { body: writer.body(), dataLength, pieces: writer.pieces };
}

/** What is kept to write into is no larger than this, in bytes; a longer answer has its own. */
const most = 1024 * 1024;

/** What answers are written into, one after the other, before they are copied at their length. */
let shared = Buffer.allocUnsafeSlow(64 * 1024);

/** Nothing else runs while it writes. */
class Writer {
  readonly pieces: Piece[] = [];
  private readonly earlier: Buffer | undefined;
  private bytes = shared;
  private at = 0;
  /** What comes next: bytes of the earlier answer, then text. */
  private from = 0;
  private to = 0;
  private pending = '';

  constructor(earlier: Buffer | undefined) {
    this.earlier = earlier;
  }

  text(text: string): void {
    this.pending += text;
  }

  value(value: unknown): void {
    if (value === null || value === undefined) this.pending += 'null';
    else if (value instanceof Piece) this.piece(value);
    else if (value instanceof Made) this.made(value);
    else if (Array.isArray(value)) this.list(value);
    else this.pending += JSON.stringify(value) ?? 'null';
  }

  /** What was written until now, in bytes. */
  length(): number {
    this.flush();
    return this.at;
  }

  body(): Buffer {
    this.flush();
    if (this.bytes.length <= most) shared = this.bytes;
    return Buffer.from(this.bytes.subarray(0, this.at));
  }

  private made(made: Made): void {
    const { selection, source } = made;
    if (!selection.immutable || typeof source !== 'object' || source === null) {
      return this.object(made);
    }
    const start = this.length();
    this.object(made);
    this.pieces.push(new Piece(numberOf(selection), numberOf(source), start, this.length()));
  }

  private object({ selection, values }: Made): void {
    let before = '{';
    for (let place = 0; place < values.length; place += 1) {
      this.pending += before + (selection.fields[place]?.keyText ?? '');
      this.value(values[place]);
      before = ',';
    }
    this.pending += before === '{' ? '{}' : '}';
  }

  private list(values: readonly unknown[]): void {
    let before = '[';
    for (const value of values) {
      this.pending += before;
      this.value(value);
      before = ',';
    }
    this.pending += before === '[' ? '[]' : ']';
  }

  private piece(piece: Piece): void {
    const { fields, number, start, end } = piece;
    // Bytes of the earlier answer that go on where the last ones ended, but for what is pending between them.
    if (this.pending === ',' && start === this.to + 1 && this.earlier?.[this.to] === comma) {
      this.pending = '';
    } else {
      this.flush();
      this.from = start;
    }
    this.to = end;
    const length = end - start;
    const at = this.at + end - this.from - length;
    this.pieces.push(at === start ? piece : new Piece(fields, number, at, at + length));
  }

  private flush(): void {
    const { earlier, from, to, pending } = this;
    this.makeRoom(to - from + pending.length * mostBytesOfChar);
    if (earlier && to > from) this.at += earlier.copy(this.bytes, this.at, from, to);
    if (pending !== '') this.at += this.bytes.write(pending, this.at);
    this.from = 0;
    this.to = 0;
    this.pending = '';
  }

  private makeRoom(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.at + length, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}

const comma = 0x2c;
/** In UTF-8, of a character that is one in JavaScript. */
const mostBytesOfChar = 3;
