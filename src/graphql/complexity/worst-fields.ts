import type { FieldNode } from 'graphql';
import { type OperationInput, readsOf } from './reads.ts';
import { fieldsOf, type FieldScope } from './fields.ts';

/**
 * The fields that the answer to an operation can have at worst, those of each row of a list counted
 * for themselves. Of what comes from instances; the rest is as small as the document.
 */
export function worstFields(asking: OperationInput): number {
  const { reads, ...resolved } = readsOf(asking);
  return reads.reduce((sum, read) => {
    const times = read.kind === 'ids' ? read.ids.length : 1;
    const count = read.kind === 'window' ? read.window.count : 1;
    return sum + times * fieldsBelow(read.nodes, count, resolved);
  }, 0);
}

function fieldsBelow(nodes: readonly FieldNode[], count: number, resolved: FieldScope): number {
  let sum = 0;
  const sets = nodes.map(({ selectionSet }) => selectionSet);
  for (const group of fieldsOf(sets, resolved).values()) {
    const name = group[0]?.name.value ?? '';
    const times = rows.has(name) ? count : 1;
    sum += 1 + times * fieldsBelow(group, count, resolved);
  }
  return sum;
}

/** What holds the rows of a window. */
const rows = new Set(['edges', 'nodes']);
