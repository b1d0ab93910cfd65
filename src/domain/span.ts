/** What a trace may tell of a stretch of work. No value is anything that a caller sent, but for an operation's name. */
export type SpanFacts = Readonly<Record<string, string | number | null>>;

export interface SpanEnd {
  /** Known only now; else the name it began with. */
  readonly name?: string;
  /** Those that are null are left out. */
  readonly facts?: SpanFacts;
  /** Whether something went wrong that an operator should look at. */
  readonly failed?: boolean;
}

/** A stretch of work in a trace. */
export interface Span {
  readonly traceId: string;
  /** The header by which a server that is called meanwhile goes on with the trace. */
  readonly traceparent: string;
  /** Begins a part of it: one done here, or a call to somebody else. */
  begin(name: string, kind: 'internal' | 'client'): Span;
  end(end: SpanEnd): void;
}
