import { type ExecutionResult, getOperationAST, GraphQLError, Kind, print } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { brief } from './brief.ts';
import type { ServerContext } from './exchange.ts';
import type { FaultLog } from './fault-log.ts';
import { readsRows } from './reads-rows.ts';

/** Writes down what becomes of each operation, and sees to it that each of its errors has a code. */
export function outcomePlugin<Context extends object>(
  faults: FaultLog,
  withFacts: (result: ExecutionResult, context: Context) => ExecutionResult,
): Plugin<ServerContext<Context>, ServerContext<Context>> {
  return {
    onParse: () => (parsed) => {
      const { exchange } = parsed.context;
      if (parsed.result instanceof Error || parsed.result === null) return;
      const operation = getOperationAST(parsed.result, exchange.params.operationName);
      if (!operation) return;
      exchange.operation = {
        name: operation.name?.value ?? null,
        type: operation.operation,
        reads: readsRows(parsed.result, operation),
        document: parsed.result,
      };
    },

    onExecute: ({ args }) => ({
      onExecuteDone({ result, setResult }) {
        if (Symbol.asyncIterator in result || !result.errors) return;
        // No data at all, not even null: the operation never began.
        if (!('data' in result)) {
          setResult({ errors: result.errors.map(unfit) });
          return;
        }
        const { exchange } = args.contextValue satisfies ServerContext<Context>;
        const { requestId } = exchange.asked;
        for (const error of result.errors) faults.note(error, { requestId });
      },
    }),

    onExecutionResult(executed) {
      const { result, context } = executed;
      if (!result || Symbol.asyncIterator in result) return;
      const { exchange } = context;
      const told = result.errors ? { ...result, errors: result.errors.map(coded) } : result;
      // Without a context, it never came to run.
      exchange.errors = told.errors ?? [];
      executed.setResult(exchange.context ? withFacts(told, exchange.context) : told);
    },
  };
}

/** An error from before the first resolver. The library's words repeat the value, however long it is. */
function unfit(error: GraphQLError): GraphQLError {
  const definition = error.nodes?.find((node) => node.kind === Kind.VARIABLE_DEFINITION);
  const message = definition
    ? `The variable "$${definition.variable.name.value}" does not fit its type ${print(definition.type)}.`
    : error.message;
  return new GraphQLError(brief(message), {
    nodes: error.nodes ?? null,
    extensions: {
      code: 'BAD_USER_INPUT',
      ...(definition && { argument: definition.variable.name.value }),
      http: { status: 400 },
    },
  });
}

const unread = new Set<unknown>([
  'LIMIT_EXCEEDED',
  'PERSISTED_QUERY_NOT_FOUND',
  'DOCUMENT_NOT_TRUSTED',
]);

function coded(error: GraphQLError): GraphQLError {
  const { code } = error.extensions;
  // 400 in either media type, like every request that is not looked at further.
  if (unread.has(code) && !error.path) {
    return withExtensions(error, { ...error.extensions, http: { status: 400 } });
  }
  // The library's name for an operationName that the document does not have.
  if (code === 'OPERATION_RESOLUTION_FAILURE') {
    return withExtensions(error, { ...error.extensions, code: 'BAD_REQUEST' });
  }
  if (code !== undefined) return error;
  // What is left has no original error: the library's own, on an argument that a variable left empty.
  return withExtensions(error, { ...error.extensions, code: 'BAD_USER_INPUT' });
}

const withExtensions = (error: GraphQLError, extensions: GraphQLError['extensions']) =>
  new GraphQLError(brief(error.message), {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    path: error.path ?? null,
    originalError: error.originalError ?? null,
    extensions,
  });
