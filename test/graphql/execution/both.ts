import { setImmediate } from 'node:timers/promises';
import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  parse,
  validate,
} from 'graphql';
import { createYoga } from 'graphql-yoga';
import { createHotDocuments } from '#src/graphql/execution/hot-documents.ts';
import { resultOf } from '#src/graphql/execution/plain.ts';

export interface Asking {
  readonly text: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

/**
 * What is answered to a valid document when a plan runs it, null where none does, and when Yoga does by
 * itself. Each gets a context of its own.
 */
export async function both(
  schema: GraphQLSchema,
  { text, variables = {}, operationName }: Asking,
  contextOf: () => unknown = () => ({}),
): Promise<{ readonly planned: string | null; readonly usual: string }> {
  const document = parse(text);
  const [invalid] = validate(schema, document);
  if (invalid) throw invalid;
  const args = (): ExecutionArgs => ({
    schema,
    document,
    variableValues: variables,
    operationName: operationName ?? null,
    contextValue: contextOf(),
  });
  const run = createHotDocuments(0)(args());
  const { execute } = createYoga({ schema, maskedErrors: false, logging: false }).getEnveloped({});
  return {
    planned: run && (await told(resultOf(await run()))),
    usual: await told(execute(args())),
  };
}

/** All that a client or the log could tell apart, once nothing adds to it any more: that a root field failed does not end the others. */
async function told(running: unknown): Promise<string> {
  const { data, errors, ...rest } = (await running) as ExecutionResult;
  await setImmediate();
  return JSON.stringify({
    data,
    errors: errors?.map((error) => ({
      ...error.toJSON(),
      cause: error.originalError?.message,
      kind: error.originalError?.constructor.name,
    })),
    rest,
  });
}
