import { type DocumentNode, GraphQLError, Kind, OperationTypeNode } from 'graphql';
import { rootSelectionsOf } from './root-selections.ts';

/**
 * The errors for `@skip` and `@include` at the root of a subscription. The specification forbids
 * them since 2025, because its one field could be skipped. graphql-js 16 throws for them: from its
 * validation if the condition is a variable, else when it subscribes.
 */
export const conditionalSubscriptions = (document: DocumentNode): readonly GraphQLError[] =>
  document.definitions.flatMap((node) => {
    const isSubscription =
      node.kind === Kind.OPERATION_DEFINITION && node.operation === OperationTypeNode.SUBSCRIPTION;
    if (!isSubscription) return [];
    return [...rootSelectionsOf(document, node)]
      .flatMap(({ directives = [] }) => directives)
      .filter(({ name }) => conditions.has(name.value))
      .slice(0, 1)
      .map((directive) => new GraphQLError(message, { nodes: directive }));
  });

const conditions: ReadonlySet<string> = new Set(['skip', 'include']);

const message = 'The field of a subscription may not have @skip or @include.';
