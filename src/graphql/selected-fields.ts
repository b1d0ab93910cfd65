import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** The names of the fields that are selected of the object, without those of fields below it. */
export function selectedFields({
  fieldNodes,
  fragments,
}: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>): ReadonlySet<string> {
  const names = new Set<string>();
  const sets = fieldNodes.flatMap(({ selectionSet }: FieldNode) => selectionSet ?? []);
  for (let set = sets.pop(); set; set = sets.pop()) addFields(set, { names, sets, fragments });
  return names;
}

function addFields(
  { selections }: SelectionSetNode,
  to: {
    readonly names: Set<string>;
    readonly sets: SelectionSetNode[];
    readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  },
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) to.names.add(selection.name.value);
    else if (selection.kind === Kind.INLINE_FRAGMENT) to.sets.push(selection.selectionSet);
    else {
      const fragment = to.fragments[selection.name.value];
      if (fragment) to.sets.push(fragment.selectionSet);
    }
  }
}
