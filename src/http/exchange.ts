import type { GraphQLError, OperationTypeNode } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import type { Failure } from '#src/domain/failure.ts';
import type { Span } from '#src/domain/span.ts';

/** What an operation may know of the HTTP request that asks it. */
export interface Asked {
  /** The key to read with, or why there is none. */
  readonly apiKey: string | Failure;
  readonly requestId: string;
  /** Aborted when the client has gone, or has waited as long as it may. */
  readonly signal: AbortSignal;
  /** The client wants nothing from memory (`Cache-Control: no-cache`). */
  readonly noCache: boolean;
  /** Undefined: it is not traced. */
  readonly span?: Span | undefined;
}

/** What of a document is run. */
export interface AskedOperation {
  readonly name: string | null;
  readonly type: OperationTypeNode;
  /** Whether it asks for more than anyone may know. */
  readonly reads: boolean;
}

/** One operation on its way through: what came in, and what has become of it so far. */
export interface Exchange<Context> {
  readonly asked: Omit<Asked, 'apiKey'>;
  /** The key to read with on behalf of this caller, or why there is none. */
  readonly admit: () => Promise<string | Failure>;
  readonly method: 'GET' | 'POST';
  readonly accept: string | undefined;
  readonly params: GraphQLParams;
  /** The id of a trusted document, without the prefix `sha256:`; null: the text was sent alone. */
  readonly documentId: string | null;
  /** Null until the document was found to be one that runs. */
  operation: AskedOperation | null;
  context: Context | null;
  /** Those of its answer; null until there is one. */
  errors: readonly GraphQLError[] | null;
}

/** What Yoga's own context carries for the plugins here; resolvers have no use for it. */
export interface ServerContext<Context> {
  readonly exchange: Exchange<Context>;
}
