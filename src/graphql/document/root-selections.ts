import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';

/** What an operation selects at its root: fields, and fragments with what they contain. */
export function* rootSelectionsOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Generator<SelectionNode, void, void> {
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION
        ? [[definition.name.value, definition.selectionSet.selections] as const]
        : [],
    ),
  );
  // A list instead of recursion: the document may not be validated yet, and its fragments cyclic.
  const rest = [...operation.selectionSet.selections];
  for (let next = rest.pop(); next; next = rest.pop()) {
    yield next;
    if (next.kind === Kind.INLINE_FRAGMENT) rest.push(...next.selectionSet.selections);
    else if (next.kind === Kind.FRAGMENT_SPREAD) {
      rest.push(...(fragments.get(next.name.value) ?? []));
      fragments.delete(next.name.value);
    }
  }
}

export const isField = (node: SelectionNode): node is FieldNode => node.kind === Kind.FIELD;
