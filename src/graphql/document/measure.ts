import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** The size of an operation, or of a part of it, with all fragments spread. */
export interface DocumentSize {
  /** The number of fields on the longest path. */
  readonly depth: number;
  /** Fields with an alias, at any depth. */
  readonly aliases: number;
  /** Fields without an alias, at the root only. */
  readonly rootFields: number;
  readonly directives: number;
}

const empty: DocumentSize = { depth: 0, aliases: 0, rootFields: 0, directives: 0 };

/**
 * Measures each operation of a document. Each fragment is measured once (memoized), so the time is
 * linear in the document, also if its fragments would spread to billions of fields.
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
    // Ends the recursion of a fragment that spreads itself. Validation rejects such a document
    // later.
    measured.set(name, empty);
    const fragment = fragments.get(name);
    const size = fragment ? withDirectives(fragment, ofSelections(fragment.selectionSet)) : empty;
    measured.set(name, size);
    return size;
  };

  const ofSelections = ({ selections }: SelectionSetNode): DocumentSize =>
    selections.map((node) => withDirectives(node, ofSelection(node))).reduce(sum, empty);

  const ofSelection = (node: SelectionNode): DocumentSize => {
    if (node.kind === Kind.FRAGMENT_SPREAD) return ofFragment(node.name.value);
    if (node.kind === Kind.INLINE_FRAGMENT) return ofSelections(node.selectionSet);
    const below = node.selectionSet ? ofSelections(node.selectionSet) : empty;
    return {
      depth: below.depth + 1,
      aliases: below.aliases + (node.alias ? 1 : 0),
      rootFields: node.alias ? 0 : 1,
      directives: below.directives,
    };
  };

  return operations.map((operation) =>
    [operation, ...(operation.variableDefinitions ?? [])].reduce(
      (size, node) => withDirectives(node, size),
      ofSelections(operation.selectionSet),
    ),
  );
}

const sum = (a: DocumentSize, b: DocumentSize): DocumentSize => ({
  depth: Math.max(a.depth, b.depth),
  aliases: a.aliases + b.aliases,
  rootFields: a.rootFields + b.rootFields,
  directives: a.directives + b.directives,
});

const withDirectives = (
  { directives = [] }: { readonly directives?: readonly unknown[] | undefined },
  size: DocumentSize,
): DocumentSize => ({ ...size, directives: size.directives + directives.length });
