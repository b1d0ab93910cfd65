import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** What an operation, or a part of one, comes to once its fragments are spread. */
export interface DocumentSize {
  /** Fields on the longest way down. */
  readonly depth: number;
  /** Fields under another name, at any depth. */
  readonly aliases: number;
  /** Fields under their own name, at the top only. */
  readonly plainAtTop: number;
  readonly directives: number;
}

const nothing: DocumentSize = { depth: 0, aliases: 0, plainAtTop: 0, directives: 0 };

/**
 * Measures each operation of a document. A fragment is measured once, however often it is
 * spread, so that a document which would unfold to billions of fields costs no more than reading it.
 */
export function documentSizesOf(document: DocumentNode): DocumentSize[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
  }
  const measured = new Map<string, DocumentSize>();

  const ofFragment = (name: string): DocumentSize => {
    const known = measured.get(name);
    if (known) return known;
    // Until it is measured: a fragment that spreads itself is refused by validation, and must not loop here.
    measured.set(name, nothing);
    const fragment = fragments.get(name);
    const extent = fragment
      ? withDirectives(fragment, ofSelections(fragment.selectionSet))
      : nothing;
    measured.set(name, extent);
    return extent;
  };

  const ofSelections = ({ selections }: SelectionSetNode): DocumentSize =>
    selections.map((node) => withDirectives(node, ofSelection(node))).reduce(sum, nothing);

  const ofSelection = (node: SelectionNode): DocumentSize => {
    if (node.kind === Kind.FRAGMENT_SPREAD) return ofFragment(node.name.value);
    if (node.kind === Kind.INLINE_FRAGMENT) return ofSelections(node.selectionSet);
    const below = node.selectionSet ? ofSelections(node.selectionSet) : nothing;
    return {
      depth: below.depth + 1,
      aliases: below.aliases + (node.alias ? 1 : 0),
      plainAtTop: node.alias ? 0 : 1,
      directives: below.directives,
    };
  };

  return operations.map((operation) =>
    [operation, ...(operation.variableDefinitions ?? [])].reduce(
      (extent, node) => withDirectives(node, extent),
      ofSelections(operation.selectionSet),
    ),
  );
}

const sum = (a: DocumentSize, b: DocumentSize): DocumentSize => ({
  depth: Math.max(a.depth, b.depth),
  aliases: a.aliases + b.aliases,
  plainAtTop: a.plainAtTop + b.plainAtTop,
  directives: a.directives + b.directives,
});

const withDirectives = (
  { directives = [] }: { readonly directives?: readonly unknown[] | undefined },
  extent: DocumentSize,
): DocumentSize => ({ ...extent, directives: extent.directives + directives.length });
