import type { Plugin } from 'graphql-yoga';
import type { CheckOperation } from './execute-operation.ts';
import type { ServerContext } from './operation-state.ts';

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
  };
}
