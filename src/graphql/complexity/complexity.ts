import type { GraphQLError } from 'graphql';
import { limitExceeded } from '#src/graphql/errors.ts';
import type { OperationInput } from './reads.ts';
import { worstCalls } from './worst-calls.ts';
import { worstFields } from './worst-fields.ts';

export interface ComplexityLimits {
  /** Upstream calls that one operation may cause at worst … */
  readonly upstreamCalls: number;
  /** … for an account of so many rows. */
  readonly assumedInstances: number;
  /** Fields that one answer may have at worst. */
  readonly fields: number;
}

/** Why an operation is not run that could cost too much, by its worst case; null: it is run. */
export function complexityError(
  asking: OperationInput,
  limits: ComplexityLimits,
): GraphQLError | null {
  const { calls } = worstCalls(asking, { instances: limits.assumedInstances });
  if (calls > limits.upstreamCalls) {
    return limitExceeded(
      'MAX_UPSTREAM_CALLS',
      `This could take ${calls} requests of the key's minute, more than ${limits.upstreamCalls}: ask for fewer pages by cursor, or fewer ids, at once.`,
    );
  }
  const fields = worstFields(asking);
  if (fields > limits.fields) {
    return limitExceeded(
      'MAX_FIELDS',
      `The answer could have ${fields} fields, more than ${limits.fields}: ask for fewer rows at once, or less of each.`,
    );
  }
  return null;
}
