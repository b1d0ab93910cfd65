import type { GraphQLError } from 'graphql';
import { limitExceeded } from '#src/graphql/errors.ts';
import { hasMoreSchemaFieldsThan } from './schema-fields.ts';
import { type OperationInput, readsOf, type RootRead } from './reads.ts';
import { worstCallsOf } from './worst-calls.ts';
import { worstFieldsOf } from './worst-fields.ts';

export interface ComplexityLimits {
  /** Mutation fields of one operation (`MAX_WRITES`). */
  readonly writes: number;
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
  // Each object of the response has at least one field.
  const operation = readsOf(input, limits.fields);
  if (operation.hasTooManyObjects || hasMoreSchemaFieldsThan(limits.fields, input)) {
    return tooManyFields('more fields than the limit of', limits.fields);
  }
  const writes = operation.reads.filter(isWrite).length;
  if (writes > limits.writes) {
    return limitExceeded(
      'MAX_WRITES',
      `This operation has ${writes} mutations; the limit is ${limits.writes}. Send the others in another operation.`,
    );
  }
  const { calls } = worstCallsOf(operation, { instances: limits.assumedInstances });
  if (calls > limits.upstreamCalls) {
    return limitExceeded(
      'MAX_UPSTREAM_CALLS',
      `In the worst case, this operation sends ${calls} requests to EnviaAI; the limit is ${limits.upstreamCalls}. Request fewer pages by cursor, or fewer ids, in one operation.`,
    );
  }
  const fields = worstFieldsOf(operation, input.schema);
  if (fields > limits.fields) {
    return tooManyFields(`${fields} fields; the limit is`, limits.fields);
  }
  return null;
}

const isWrite = ({ reads }: RootRead): boolean => reads.some(({ kind }) => kind === 'write');

const tooManyFields = (fields: string, limit: number) =>
  limitExceeded(
    'MAX_FIELDS',
    `The response can have ${fields} ${limit}. Request fewer rows, or fewer fields of each row, in one operation.`,
  );
