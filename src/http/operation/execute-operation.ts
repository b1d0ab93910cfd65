import { execute, type ExecutionArgs, type GraphQLError, type GraphQLSchema } from 'graphql';
import type { ErrorLog } from '#src/http/response/error-log.ts';
import type { OperationRequest } from './operation-request.ts';
import type { ParsedRequest } from './prepared-operation.ts';
import { withCode } from './use-outcome.ts';

/**
 * The error for which a valid operation with these (raw) variables is refused. Null: it may be
 * executed.
 */
export type CheckOperation = (
  operation: Pick<ExecutionArgs, 'schema' | 'document' | 'operationName'> & {
    readonly variables: ExecutionArgs['variableValues'];
  },
) => GraphQLError | null;

export interface ExecuteParts {
  readonly schema: GraphQLSchema;
  readonly errorLog: ErrorLog;
  /** The error for the client, in place of what a resolver threw. */
  readonly maskError: (error: unknown) => GraphQLError;
}

/** The result of an operation. */
export interface Executed {
  /** Without the closing brace, so that `extensions` can be appended. */
  readonly json: string;
  readonly errors: readonly GraphQLError[];
}

/**
 * Executes a valid operation with graphql-js. Null: it was not executed, because the values of its
 * variables are not of their types. (graphql-js reports up to 50 such errors.)
 */
export async function executeOperation(
  { schema, errorLog, maskError }: ExecuteParts,
  { params, requestId }: OperationRequest,
  { parsed: { document } }: ParsedRequest,
  contextValue: object,
): Promise<Executed | null> {
  const { variables: variableValues, operationName } = params;
  const result = await execute({ schema, document, contextValue, variableValues, operationName });
  if (result.data === undefined) return null;
  const data = `"data":${JSON.stringify(result.data)}`;
  if (!result.errors) return { json: `{${data}`, errors: [] };

  for (const error of result.errors) errorLog.record(error, { requestId });
  const errors = result.errors.map((error) => withCode(maskError(error)));
  return { json: `{"errors":${JSON.stringify(errors)},${data}`, errors };
}
