import { type DocumentNode, getOperationAST, type GraphQLSchema } from 'graphql';
import { variablesToTry } from './unknown-variables.ts';
import { type WorstCalls, worstCalls } from './worst-calls.ts';

export interface AssumedAccount {
  readonly instances: number;
  /** How many ids a list of them has where it is a variable. */
  readonly ids: number;
}

/** More than screens have; each way is reckoned by itself. */
const mostWays = 20_000;

/**
 * The most upstream calls that the one operation of a document can cause, whatever variables it is sent with.
 * The document is valid for the schema.
 */
export function worstOfAny(
  document: DocumentNode,
  { schema, instances, ids }: AssumedAccount & { readonly schema: GraphQLSchema },
): WorstCalls {
  const operation = getOperationAST(document);
  let worst: WorstCalls = { calls: 0, lists: 0, searches: 0, ids: 0, others: 0 };
  if (!operation) return worst;
  let ways = 0;
  for (const variables of variablesToTry({ schema, document }, operation, ids)) {
    if ((ways += 1) > mostWays) throw new Error('Its variables can be set in too many ways');
    const calls = worstCalls({ schema, document, variables }, { instances });
    if (calls.calls > worst.calls) worst = calls;
  }
  return worst;
}
