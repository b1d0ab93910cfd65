import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { hasNone } from '#src/graphql/document/known-operations.ts';
import type { CheckOperation } from './execute-operation.ts';
import type { ServerContext } from './operation-state.ts';

/**
 * A Yoga plugin that uses the prepared document, so that Yoga does not parse and validate it again.
 */
export function usePreparedOperation<Context>(
  check: CheckOperation = () => null,
): Plugin<ServerContext<Context>, ServerContext<Context>> {
  let hasMutations = false;
  return {
    onSchemaChange({ schema }) {
      hasMutations = Boolean(schema.getMutationType());
    },
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
      const { result } = executed;
      if (hasMutations || !result || Symbol.asyncIterator in result || !result.errors) return;
      // For a mutation by GET, Yoga's message demands POST, even if the schema has no mutations.
      const errors = result.errors.map((error) =>
        isMutationByGet(error) ? noMutations(error) : error,
      );
      executed.setResult({ ...result, errors });
    },
  };
}

const isMutationByGet = ({ extensions }: GraphQLError): boolean => extensions.http?.status === 405;

const noMutations = ({ extensions }: GraphQLError) =>
  new GraphQLError(hasNone('mutation'), { extensions });
