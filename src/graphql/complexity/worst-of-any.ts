import { type DocumentNode, getOperationAST, type GraphQLSchema } from 'graphql';
import { variablesToTry } from './unknown-variables.ts';
import { type WorstCalls, worstCalls } from './worst-calls.ts';

export interface AssumedAccount {
  readonly instances: number;
  /** The length of a list of ids that is a variable. */
  readonly ids: number;
}

/** Maximum number of combinations of variables that are tried for one operation. */
const maxCombinations = 20_000;

/**
 * The upstream calls in the worst case of the only operation of a document, for any variables. The
 * document is valid for the schema.
 */
export function worstOfAny(
  document: DocumentNode,
  { schema, instances, ids }: AssumedAccount & { readonly schema: GraphQLSchema },
): WorstCalls {
  const operation = getOperationAST(document);
  let worst: WorstCalls = { calls: 0, lists: 0, searches: 0, ids: 0, writes: 0, others: 0 };
  if (!operation) return worst;
  let tried = 0;
  for (const variables of variablesToTry({ schema, document }, operation, ids)) {
    if ((tried += 1) > maxCombinations) {
      throw new Error('The variables of this operation have too many combinations.');
    }
    const calls = worstCalls({ schema, document, variables }, { instances });
    if (calls.calls > worst.calls) worst = calls;
  }
  return worst;
}
