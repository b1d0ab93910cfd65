import { type DocumentNode, GraphQLError, Kind } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { CheckOperation } from './execute-operation.ts';
import type { ServerContext } from './operation-state.ts';

/** Of a name in an error message. */
const maxNameLength = 64;

/**
 * A Yoga plugin that uses the prepared document, so that Yoga does not parse and validate it again.
 */
export function usePreparedOperation<Context>(
  check: CheckOperation = () => null,
): Plugin<ServerContext<Context>, ServerContext<Context>> {
  return {
    onRequestParse({ serverContext, setRequestParser }) {
      setRequestParser(() => serverContext.operationRequest.params);
    },
    onParams({ context, setResult }) {
      const { prepared } = context;
      if (prepared.kind === 'rejected') setResult({ errors: [prepared.error] });
    },
    onParse({ context, setParseFn }) {
      const { prepared } = context;
      if (prepared.kind === 'parsed') setParseFn(() => prepared.parsed.document);
    },
    onValidate({ context, setValidationFn }) {
      const { prepared } = context;
      if (prepared.kind === 'parsed') setValidationFn(() => prepared.parsed.errors);
    },
    onExecute({ args, setResultAndStopExecution }) {
      const error = check({ ...args, variables: args.variableValues });
      if (error) setResultAndStopExecution({ errors: [error] });
    },
    onExecutionResult(executed) {
      const { result, context } = executed;
      if (!result || Symbol.asyncIterator in result || !result.errors) return;
      const errors = result.errors.map((error) => {
        const message = messageOf(error, context);
        return message === null
          ? error
          : new GraphQLError(message, { extensions: error.extensions });
      });
      executed.setResult({ ...result, errors });
    },
  };
}

/** The message in place of one of Yoga's. Null: the error has another cause. */
function messageOf<Context>(
  { extensions }: GraphQLError,
  { prepared, operationRequest }: ServerContext<Context>,
): string | null {
  if (extensions.http?.status === 405)
    return 'A GET executes queries only. Send a mutation by POST.';
  if (extensions['code'] !== 'OPERATION_RESOLUTION_FAILURE' || prepared.kind !== 'parsed')
    return null;
  return unknownOperation(prepared.parsed.document, operationRequest.params.operationName);
}

/** Why no operation of the document was selected. */
function unknownOperation({ definitions }: DocumentNode, name: string | null = null): string {
  if (name !== null) {
    return `There is no operation named ${JSON.stringify(name.slice(0, maxNameLength))} in this document.`;
  }
  const { length } = definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return length === 0
    ? 'The document has no operation.'
    : `The document has ${length} operations: "operationName" must name the one to execute.`;
}
