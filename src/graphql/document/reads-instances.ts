import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { isField, rootSelectionsOf } from './root-selections.ts';

/** Root fields that return the schema only, to clients and federation routers. They need no key. */
const schemaFields = new Set(['__typename', '__schema', '__type', '_service']);

/**
 * Whether an operation selects anything but the schema, so that it needs an authenticated caller.
 */
export const readsInstances = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
): boolean =>
  rootSelectionsOf(document, operation).some(
    (node) => isField(node) && !schemaFields.has(node.name.value),
  );
