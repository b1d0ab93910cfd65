import {
  type FieldNode,
  type FragmentDefinitionNode,
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** What it takes to tell which fields run: the document's fragments, and its variables as they were given. */
export interface FieldScope {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Record<string, unknown>;
  /** Whether a fragment on this type is of one; without this, each is. */
  readonly applies?: (condition: NamedTypeNode) => boolean;
}

/**
 * The fields that a selection runs, by the name each has in the answer, as the executor puts them
 * together: fragments spread once each, however often they are named, and nothing that is skipped.
 * Where it is not said which fragments apply, all do: it may then be more than runs.
 */
export function fieldsOf(
  selectionSets: readonly (SelectionSetNode | undefined)[],
  { fragments, variables, applies = () => true }: FieldScope,
): ReadonlyMap<string, readonly FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const spread = new Set<string>();

  const collect = (selections: readonly SelectionNode[]): void => {
    for (const node of selections) {
      if (!runs(node, variables)) continue;
      if (node.kind === Kind.FIELD) {
        const name = (node.alias ?? node.name).value;
        const same = fields.get(name) ?? [];
        same.push(node);
        fields.set(name, same);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        if (!node.typeCondition || applies(node.typeCondition)) {
          collect(node.selectionSet.selections);
        }
      } else if (!spread.has(node.name.value)) {
        spread.add(node.name.value);
        const fragment = fragments.get(node.name.value);
        if (fragment && applies(fragment.typeCondition)) collect(fragment.selectionSet.selections);
      }
    }
  };

  for (const set of selectionSets) collect(set?.selections ?? []);
  return fields;
}

function runs(node: SelectionNode, variables: Record<string, unknown>): boolean {
  const skip = getDirectiveValues(GraphQLSkipDirective, node, variables);
  const include = getDirectiveValues(GraphQLIncludeDirective, node, variables);
  return skip?.['if'] !== true && include?.['if'] !== false;
}
