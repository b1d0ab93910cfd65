import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { truncate } from '#src/graphql/document/truncate.ts';
import type { ErrorLog } from '#src/http/response/error-log.ts';
import type { ServerContext } from './operation-state.ts';
import { createVariableErrors } from './variable-error.ts';

export interface OutcomeParts {
  readonly errorLog: ErrorLog;
  /** Whether errors name what the schema has in place of a wrong name or value. */
  readonly suggestions: boolean;
}

/**
 * A Yoga plugin that gives every error a code, logs errors, and records the errors in the
 * operation's state.
 */
export function useOutcome<Context extends object>(
  { errorLog, suggestions }: OutcomeParts,
  withExtensions: (result: ExecutionResult, context: Context) => ExecutionResult,
): Plugin<ServerContext<Context>, ServerContext<Context>> {
  return {
    onExecute: ({ args }) => ({
      onExecuteDone({ result, setResult }) {
        if (Symbol.asyncIterator in result || !result.errors) return;
        // A result without `data` (not even null): the operation was not executed.
        if (!('data' in result)) {
          const { schema, document } = args;
          const variableError = createVariableErrors({ schema, document, suggestions });
          setResult({ errors: result.errors.map(variableError) });
          return;
        }
        const { operationRequest } = args.contextValue satisfies ServerContext<Context>;
        const { requestId } = operationRequest;
        for (const error of result.errors) errorLog.record(error, { requestId });
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

/**
 * Errors of operations that are refused before execution. Their status is 400 for either media
 * type.
 */
const codesWithStatus400 = new Set<unknown>([
  'LIMIT_EXCEEDED',
  'PERSISTED_QUERY_NOT_FOUND',
  'DOCUMENT_NOT_TRUSTED',
]);

/** The error with a code of this API. */
export function withCode(error: GraphQLError): GraphQLError {
  const { code } = error.extensions;
  if (codesWithStatus400.has(code) && !error.path) {
    return copyWithExtensions(error, { ...error.extensions, http: { status: 400 } });
  }
  // Yoga's code for an operationName that the document does not have.
  if (code === 'OPERATION_RESOLUTION_FAILURE') {
    return copyWithExtensions(error, { ...error.extensions, code: 'BAD_REQUEST' });
  }
  if (code !== undefined) return error;
  // graphql-js gives no code to an error about an argument whose variable is missing.
  return copyWithExtensions(error, { ...error.extensions, code: 'BAD_USER_INPUT' });
}

const copyWithExtensions = (error: GraphQLError, extensions: GraphQLError['extensions']) =>
  new GraphQLError(truncate(error.message), {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    path: error.path ?? null,
    originalError: error.originalError ?? null,
    extensions,
  });
