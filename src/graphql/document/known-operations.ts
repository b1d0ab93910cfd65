import { GraphQLError, type OperationTypeNode, type ValidationRule } from 'graphql';

/**
 * Rejects an operation whose type the schema does not have. The rules of the specification accept
 * it; it would fail when it is executed.
 */
export const knownOperations: ValidationRule = (context) => ({
  OperationDefinition(node) {
    if (context.getSchema().getRootType(node.operation)) return;
    context.reportError(new GraphQLError(hasNone(node.operation), { nodes: node }));
  },
});

export const hasNone = (type: `${OperationTypeNode}`): string => `This graph has no ${type}s.`;
