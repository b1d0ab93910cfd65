import { execute, type ExecutionArgs, type GraphQLError, type GraphQLSchema } from 'graphql';
import type { ErrorLog } from '#src/http/response/error-log.ts';
import type { OperationRequest } from './operation-request.ts';
import type { ParsedRequest } from './prepared-operation.ts';
import { withCode } from './use-outcome.ts';

/** Why a valid operation is refused, its variables considered as they were sent; null: it is executed. */
export type CheckOperation = (
  operation: Pick<ExecutionArgs, 'schema' | 'document' | 'operationName'> & {
    readonly variables: ExecutionArgs['variableValues'];
  },
) => GraphQLError | null;

export interface ExecuteParts {
  readonly schema: GraphQLSchema;
  readonly errorLog: ErrorLog;
  /** The error that a client may see, made from whatever a resolver threw. */
  readonly maskError: (error: unknown) => GraphQLError;
}

/** An executed operation as JSON, without its closing brace: `extensions` may follow. */
export interface Executed {
  readonly json: string;
  readonly errors: readonly GraphQLError[];
}

/**
 * Executes a valid operation with graphql-js. Null: it was not executed, because its variables do not
 * fit their types; graphql-js stops looking for such errors after 50.
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

  for (const error of result.errors) errorLog.note(error, { requestId });
  const errors = result.errors.map((error) => withCode(maskError(error)));
  return { json: `{"errors":${JSON.stringify(errors)},${data}`, errors };
}
