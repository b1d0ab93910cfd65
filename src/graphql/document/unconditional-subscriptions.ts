import { GraphQLError, OperationTypeNode, type ValidationRule } from 'graphql';
import { rootSelectionsOf } from './root-selections.ts';

/**
 * Rejects `@skip` and `@include` at the root of a subscription, as the specification does since
 * 2025: its one field could be skipped. graphql-js 16 accepts them, and fails when it subscribes.
 */
export const unconditionalSubscriptions: ValidationRule = (context) => ({
  OperationDefinition(node) {
    if (node.operation !== OperationTypeNode.SUBSCRIPTION) return;
    for (const { directives = [] } of rootSelectionsOf(context.getDocument(), node)) {
      const condition = directives.find(({ name }) => conditions.has(name.value));
      if (condition) context.reportError(new GraphQLError(message, { nodes: condition }));
    }
  },
});

const conditions: ReadonlySet<string> = new Set(['skip', 'include']);

const message = 'The field of a subscription may not have @skip or @include.';
