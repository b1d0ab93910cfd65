import { type ExecutionResult, GraphQLError, Kind, print } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { truncate } from '#src/graphql/document/truncate.ts';
import type { ErrorLog } from '#src/http/response/error-log.ts';
import type { ServerContext } from './operation-state.ts';

/** Notes the outcome of each operation in its state, and gives every error a code. */
export function useOutcome<Context extends object>(
  errorLog: ErrorLog,
  withExtensions: (result: ExecutionResult, context: Context) => ExecutionResult,
): Plugin<ServerContext<Context>, ServerContext<Context>> {
  return {
    onExecute: ({ args }) => ({
      onExecuteDone({ result, setResult }) {
        if (Symbol.asyncIterator in result || !result.errors) return;
        // Without data, not even null, the operation was not executed.
        if (!('data' in result)) {
          setResult({ errors: result.errors.map(variableError) });
          return;
        }
        const { operationRequest } = args.contextValue satisfies ServerContext<Context>;
        const { requestId } = operationRequest;
        for (const error of result.errors) errorLog.note(error, { requestId });
      },
    }),

    onExecutionResult(executed) {
      const { result, context } = executed;
      if (!result || Symbol.asyncIterator in result) return;
      const { state } = context;
      const coded = result.errors ? { ...result, errors: result.errors.map(withCode) } : result;
      state.errors = coded.errors ?? [];
      executed.setResult(state.context ? withExtensions(coded, state.context) : coded);
    },
  };
}

/** An error from before the first resolver. The library's message repeats the value, whatever its length. */
function variableError(error: GraphQLError): GraphQLError {
  const definition = error.nodes?.find((node) => node.kind === Kind.VARIABLE_DEFINITION);
  const message = definition
    ? `The variable "$${definition.variable.name.value}" does not fit its type ${print(definition.type)}.`
    : error.message;
  return new GraphQLError(truncate(message), {
    nodes: error.nodes ?? null,
    extensions: {
      code: 'BAD_USER_INPUT',
      ...(definition && { argument: definition.variable.name.value }),
      http: { status: 400 },
    },
  });
}

/** Codes of operations that are refused before they are executed: 400 in either media type. */
const badRequestCodes = new Set<unknown>([
  'LIMIT_EXCEEDED',
  'PERSISTED_QUERY_NOT_FOUND',
  'DOCUMENT_NOT_TRUSTED',
]);

/** The error with one of the codes of this API. */
export function withCode(error: GraphQLError): GraphQLError {
  const { code } = error.extensions;
  if (badRequestCodes.has(code) && !error.path) {
    return withExtensionsOf(error, { ...error.extensions, http: { status: 400 } });
  }
  // The library's code for an operationName that the document does not have.
  if (code === 'OPERATION_RESOLUTION_FAILURE') {
    return withExtensionsOf(error, { ...error.extensions, code: 'BAD_REQUEST' });
  }
  if (code !== undefined) return error;
  // An error without a code is the library's own, about an argument whose variable was left out.
  return withExtensionsOf(error, { ...error.extensions, code: 'BAD_USER_INPUT' });
}

const withExtensionsOf = (error: GraphQLError, extensions: GraphQLError['extensions']) =>
  new GraphQLError(truncate(error.message), {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    path: error.path ?? null,
    originalError: error.originalError ?? null,
    extensions,
  });
