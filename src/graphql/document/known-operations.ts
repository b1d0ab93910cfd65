import { GraphQLError, type OperationTypeNode, type ValidationRule } from 'graphql';

/** An operation of a kind that the schema does not have. The language's own rules let it pass, to fail when it is run. */
export const knownOperations: ValidationRule = (context) => ({
  OperationDefinition(node) {
    if (context.getSchema().getRootType(node.operation)) return;
    context.reportError(new GraphQLError(hasNone(node.operation), { nodes: node }));
  },
});

export const hasNone = (type: `${OperationTypeNode}`): string => `This graph has no ${type}s.`;
