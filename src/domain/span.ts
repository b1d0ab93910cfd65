/** Attributes of a span. No value comes from the caller, except the name of an operation. */
export type SpanAttributes = Readonly<Record<string, string | number | null>>;

export interface SpanEnd {
  /** Replaces the name that the span began with. */
  readonly name?: string;
  /** Attributes that are null are left out. */
  readonly attributes?: SpanAttributes;
  /** Whether an operator should look at it. */
  readonly failed?: boolean;
}

/** One span of a trace. */
export interface Span {
  readonly traceId: string;
  /** The W3C header that continues the trace in the server that is called. */
  readonly traceparent: string;
  /** Begins a child: `internal` for work in this process, `client` for a call to another server. */
  begin(name: string, kind: 'internal' | 'client'): Span;
  end(end: SpanEnd): void;
}
