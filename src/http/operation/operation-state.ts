import type { GraphQLError } from 'graphql';
import type { OperationRequest } from './operation-request.ts';
import type { PreparedOperation } from './prepared-operation.ts';

/** What the plugins find out while Yoga answers one operation; `yoga.ts` returns it as an outcome. */
export interface OperationState<Context> {
  /** What resolvers get; null until the operation is executed. */
  context: Context | null;
  /** As the client sees them; null until there is a result. */
  errors: readonly GraphQLError[] | null;
}

/** What Yoga's server context carries for the plugins of this folder; resolvers do not use it. */
export interface ServerContext<Context> {
  /** Not `request`: that is Yoga's own name for the HTTP request. */
  readonly operationRequest: OperationRequest;
  readonly prepared: PreparedOperation;
  readonly state: OperationState<Context>;
}
