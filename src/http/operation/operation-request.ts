import type { GraphQLError } from 'graphql';
import type { Failure } from '#src/domain/failure.ts';
import type { Span } from '#src/domain/span.ts';
import type { ResponseType } from '#src/http/request/accept.ts';
import type { GraphqlParams } from '#src/http/request/graphql-params.ts';
import type { Reply } from '#src/http/response/reply.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';

/** What an operation's context is made from: whose rows it reads, and for how long. */
export interface ContextRequest {
  /** The key to read with, or why there is none. */
  readonly apiKey: string | Failure;
  readonly requestId: string;
  /** Aborted when the client disconnects or the operation's deadline passes. */
  readonly signal: () => AbortSignal;
  /** The client accepts nothing from the cache (`Cache-Control: no-cache`). */
  readonly noCache: boolean;
  /** Undefined: the operation is not traced. */
  readonly span?: Span | undefined;
}

/** One operation as a client sent it. Nothing in it changes while it is answered. */
export interface OperationRequest extends GraphqlParams, Omit<ContextRequest, 'apiKey'> {
  /** The key to read with on behalf of the caller, or why there is none. Counts the caller once. */
  readonly admit: () => Promise<string | Failure>;
  readonly method: 'GET' | 'POST';
  /** The media type of the response, chosen by the request's `Accept`. */
  readonly responseType: ResponseType;
}

/** The response to an operation, with what the log and the metrics report about it. */
export interface OperationOutcome {
  readonly reply: Reply;
  /** As the client sees them; null: there is no GraphQL result. */
  readonly errors: readonly GraphQLError[] | null;
  /** Null: nothing was read. */
  readonly cost: ReadCost | null;
}
