import type { GraphQLError } from 'graphql';
import type { Failure } from '#src/domain/failure.ts';
import type { Span } from '#src/domain/span.ts';
import type { Admission } from '#src/http/auth/callers.ts';
import type { ResponseType } from '#src/http/request/accept.ts';
import type { Encoding } from '#src/http/request/accept-encoding.ts';
import type { GraphqlParams } from '#src/http/request/graphql-params.ts';
import type { Reply } from '#src/http/response/reply.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';

/** The input of an operation's context: its caller, and the deadline. */
export interface ContextRequest {
  /** The caller, or the failure for which it was refused. */
  readonly admission: Admission | Failure;
  readonly requestId: string;
  /** Aborted when the client disconnects or the operation's deadline passes. */
  readonly signal: () => AbortSignal;
  /** Whether the client accepts no cached rows (`Cache-Control: no-cache`). */
  readonly noCache: boolean;
  /** Undefined: the operation is not traced. */
  readonly span?: Span | undefined;
}

/** One operation as a client sent it. Immutable. */
export interface OperationRequest extends GraphqlParams, Omit<ContextRequest, 'admission'> {
  /**
   * Authenticates and counts the caller on the first call, and returns that result on every other.
   * Resolves to the failure for which the caller is refused.
   */
  readonly admit: () => Promise<Admission | Failure>;
  readonly method: 'GET' | 'POST';
  /** The media type of the response, chosen by the request's `Accept`. */
  readonly responseType: ResponseType;
}

/** The response to an operation, with what the log and the metrics report about it. */
export interface OperationOutcome {
  readonly reply: Reply;
  /** The body of the reply, compressed by the cache that has it. Undefined: no cache has it. */
  readonly compressed?: ((encoding: Encoding) => Promise<Buffer>) | undefined;
  /** The entity tag of the data. Undefined: there is none. */
  readonly entityTag?: (() => string) | undefined;
  /** The errors that the client gets. Null: there is no GraphQL result. */
  readonly errors: readonly GraphQLError[] | null;
  /** Null: nothing was read. */
  readonly cost: ReadCost | null;
}
