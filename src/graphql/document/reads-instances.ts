import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionNode } from 'graphql';

/** What anyone may know: the schema, as clients and as federation routers ask for it. */
const free = new Set(['__typename', '__schema', '__type', '_service']);

/** Whether an operation asks for anything besides the schema, and so has to be somebody's. */
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
  // A list, not recursion: nothing has looked yet how deep this goes, or whether it goes in circles.
  const rest: SelectionNode[] = [...operation.selectionSet.selections];
  for (let next = rest.pop(); next; next = rest.pop()) {
    if (next.kind === Kind.FIELD) {
      if (!free.has(next.name.value)) return true;
    } else if (next.kind === Kind.INLINE_FRAGMENT) {
      rest.push(...next.selectionSet.selections);
    } else {
      rest.push(...(fragments.get(next.name.value) ?? []));
      fragments.delete(next.name.value);
    }
  }
  return false;
}
