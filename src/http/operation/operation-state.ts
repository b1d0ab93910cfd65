import type { GraphQLError } from 'graphql';
import type { OperationRequest } from './operation-request.ts';
import type { PreparedOperation } from './prepared-operation.ts';

/**
 * Collects, while Yoga answers one operation, what its HTTP response does not contain. Written by
 * `yoga.ts` and `use-outcome.ts`, and read once, when the response is complete.
 */
export interface OperationState<Context> {
  /** The context of the resolvers. Null: the operation was not executed. */
  context: Context | null;
  /** The errors that the client gets. Null: there is no GraphQL result. */
  errors: readonly GraphQLError[] | null;
}

/** Yoga's server context: the input of the plugins in this folder. Resolvers do not use it. */
export interface ServerContext<Context> {
  /** Not named `request`: Yoga's context has the HTTP request under that name. */
  readonly operationRequest: OperationRequest;
  readonly prepared: PreparedOperation;
  readonly state: OperationState<Context>;
}
