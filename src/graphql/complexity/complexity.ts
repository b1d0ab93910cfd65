import type { GraphQLError } from 'graphql';
import { limitExceeded } from '#src/graphql/errors.ts';
import type { OperationInput } from './reads.ts';
import { worstCalls } from './worst-calls.ts';
import { worstFields } from './worst-fields.ts';

export interface ComplexityLimits {
  /** Upstream calls of one operation in the worst case (`MAX_UPSTREAM_CALLS`). */
  readonly upstreamCalls: number;
  /** Size of the account that the worst case is computed for (`ASSUMED_INSTANCES`). */
  readonly assumedInstances: number;
  /** Fields of one response in the worst case (`MAX_FIELDS`). */
  readonly fields: number;
}

/** The error for an operation whose worst case exceeds a limit; null: it is executed. */
export function complexityError(
  input: OperationInput,
  limits: ComplexityLimits,
): GraphQLError | null {
  const { calls } = worstCalls(input, { instances: limits.assumedInstances });
  if (calls > limits.upstreamCalls) {
    return limitExceeded(
      'MAX_UPSTREAM_CALLS',
      `In the worst case, this operation sends ${calls} requests to EnviaAI; the limit is ${limits.upstreamCalls}. Request fewer pages by cursor, or fewer ids, in one operation.`,
    );
  }
  const fields = worstFields(input);
  if (fields > limits.fields) {
    return limitExceeded(
      'MAX_FIELDS',
      `The response can have ${fields} fields; the limit is ${limits.fields}. Request fewer rows, or fewer fields of each row, in one operation.`,
    );
  }
  return null;
}
