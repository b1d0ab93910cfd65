import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionNode } from 'graphql';

/** Root fields that return the schema only, to clients and federation routers. They need no key. */
const schemaFields = new Set(['__typename', '__schema', '__type', '_service']);

/**
 * Whether an operation selects anything but the schema, so that it needs an authenticated caller.
 */
export function readsInstances(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): boolean {
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION
        ? [[definition.name.value, definition.selectionSet.selections] as const]
        : [],
    ),
  );
  // A list instead of recursion: the document is not validated yet, so its fragments may be cyclic.
  const rest: SelectionNode[] = [...operation.selectionSet.selections];
  for (let next = rest.pop(); next; next = rest.pop()) {
    if (next.kind === Kind.FIELD) {
      if (!schemaFields.has(next.name.value)) return true;
    } else if (next.kind === Kind.INLINE_FRAGMENT) {
      rest.push(...next.selectionSet.selections);
    } else {
      rest.push(...(fragments.get(next.name.value) ?? []));
      fragments.delete(next.name.value);
    }
  }
  return false;
}
