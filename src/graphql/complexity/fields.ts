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

/** What decides which fields of a selection are executed. */
export interface FieldScope {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Coerced to their types. */
  readonly variables: Record<string, unknown>;
  /** Whether a fragment with this type condition applies. By default, all fragments apply. */
  readonly applies?: (condition: NamedTypeNode) => boolean;
}

/**
 * The fields that a selection executes, by response name, collected as graphql-js does it: each
 * fragment is spread once, and skipped fields are left out. Without `applies`, this is an upper
 * bound: fragments on other types count too.
 */
export function fieldsOf(
  selectionSets: readonly (SelectionSetNode | undefined)[],
  { fragments, variables, applies = () => true }: FieldScope,
): ReadonlyMap<string, readonly FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const spread = new Set<string>();

  const collect = (selections: readonly SelectionNode[]): void => {
    for (const node of selections) {
      if (!isIncluded(node, variables)) continue;
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

function isIncluded(node: SelectionNode, variables: Record<string, unknown>): boolean {
  const skip = getDirectiveValues(GraphQLSkipDirective, node, variables);
  const include = getDirectiveValues(GraphQLIncludeDirective, node, variables);
  return skip?.['if'] !== true && include?.['if'] !== false;
}
