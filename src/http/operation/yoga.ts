import type { ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { Failure } from '#src/domain/failure.ts';
import type { ErrorLog } from '#src/http/response/error-log.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';
import type { ContextRequest, OperationOutcome, OperationRequest } from './operation-request.ts';
import type { OperationState, ServerContext } from './operation-state.ts';
import type { CheckOperation } from './execute-operation.ts';
import type { PreparedOperation } from './prepared-operation.ts';
import { usePreparedOperation } from './use-prepared-operation.ts';
import { useOutcome } from './use-outcome.ts';

export interface YogaParts<Context extends object> {
  readonly schema: GraphQLSchema;
  /** Creates the context of the resolvers. Called once for each valid operation. */
  readonly contextOf: (request: ContextRequest) => Context;
  readonly costOf: (context: Context) => ReadCost | null;
  /** Without this, every valid operation is executed. */
  readonly check?: CheckOperation | undefined;
  /** The error for the client, in place of what was thrown. */
  readonly maskError: (error: unknown) => GraphQLError;
  readonly errorLog: ErrorLog;
  /** Whether errors name what the schema has in place of a wrong name or value. */
  readonly suggestions: boolean;
  /** Adds `extensions` to a result. */
  readonly withExtensions?: (result: ExecutionResult, context: Context) => ExecutionResult;
}

export interface YogaServer {
  readonly answer: (
    request: OperationRequest,
    prepared: PreparedOperation,
  ) => Promise<OperationOutcome>;
}

/**
 * GraphQL Yoga, from a request's parameters to its response. Reading the HTTP request, routing and
 * sending the response are done outside of it.
 */
export function createYogaServer<Context extends object>(parts: YogaParts<Context>): YogaServer {
  const { schema, contextOf, costOf, maskError, errorLog, suggestions, check } = parts;
  const { withExtensions = (result: ExecutionResult) => result } = parts;
  const yoga = createYoga<ServerContext<Context>, Context>({
    schema,
    context: async ({ operationRequest, prepared, state }) => {
      const admission = prepared.operation?.readsInstances
        ? await operationRequest.admit()
        : noCaller();
      state.context = contextOf({ ...operationRequest, admission });
      return state.context;
    },
    maskedErrors: { maskError: (error) => maskError(error) },
    logging: {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: (error) => errorLog.record(error),
    },
    plugins: [
      usePreparedOperation<Context>(check),
      useOutcome<Context>({ errorLog, suggestions }, withExtensions),
    ],
    // The documents are already parsed and validated.
    parserAndValidationCache: false,
    maxRequestBodySize: false,
    multipart: false,
    batching: false,
    graphiql: false,
    landingPage: false,
    cors: false,
  });

  return {
    async answer(request, prepared) {
      const { method, responseType } = request;
      const state: OperationState<Context> = { context: null, errors: null };
      const fetched = new yoga.fetchAPI.Request('http://localhost/graphql', {
        method,
        headers: { accept: responseType },
      });
      const response = await yoga.fetch(fetched, { operationRequest: request, prepared, state });
      const headers = Object.fromEntries(response.headers);
      return {
        reply: { status: response.status, headers, body: await response.text() },
        errors: state.errors,
        cost: state.context && costOf(state.context),
      };
    },
  };
}

/** For an operation that reads no instances: its caller is neither authenticated nor counted. */
const noCaller = () => new Failure('unauthorized', 'The operation reads no instances');
