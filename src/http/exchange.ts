import type { DocumentNode, ExecutionResult, GraphQLError, OperationTypeNode } from 'graphql';
import type { Failure } from '#src/domain/failure.ts';
import type { Span } from '#src/domain/span.ts';
import type { Cost } from '#src/reading/cost.ts';
import type { Params } from './params.ts';

/** What an operation may know of the HTTP request that asks it. */
export interface Asked {
  /** The key to read with, or why there is none. */
  readonly apiKey: string | Failure;
  /** Whose rows it reads, where that is known already. */
  readonly owner?: string;
  readonly requestId: string;
  /** Aborted when the client has gone, or has waited as long as it may. */
  readonly signal: () => AbortSignal;
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
  readonly document: DocumentNode;
}

/** One operation on its way through: what came in, and what has become of it so far. */
export interface Exchange<Context> extends Params {
  readonly asked: Omit<Asked, 'apiKey' | 'owner'>;
  /** The key to read with on behalf of this caller, or why there is none. */
  readonly admit: () => Promise<string | Failure>;
  /** What it came on. */
  readonly connection: object;
  readonly method: 'GET' | 'POST';
  readonly accept: string | undefined;
  /** Null until the document was found to be one that runs. */
  operation: AskedOperation | null;
  context: Context | null;
  /** What came of executing it before Yoga was asked; null: it was not executed yet. */
  executed: ExecutionResult | null;
  /** Those of its answer; null until there is one. */
  errors: readonly GraphQLError[] | null;
  /** What its answer cost; null: it read nothing, or has none yet. */
  cost: Cost | null;
}

/** What Yoga's own context carries for the plugins here; resolvers have no use for it. */
export interface ServerContext<Context> {
  readonly exchange: Exchange<Context>;
}
