import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  Kind,
  type SelectionSetNode,
} from 'graphql';

type Selecting = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/** The names of the fields that are selected of the object, without those of fields below it. */
export const selectedFields = (selecting: Selecting): ReadonlySet<string> =>
  new Set(selectedNodes(selecting).keys());

/** The fields that are selected of the object, by name: one node for each time it is selected. */
export function selectedNodes({
  fieldNodes,
  fragments,
}: Selecting): ReadonlyMap<string, readonly FieldNode[]> {
  const nodes = new Map<string, FieldNode[]>();
  const sets = fieldNodes.flatMap(({ selectionSet }: FieldNode) => selectionSet ?? []);
  for (let set = sets.pop(); set; set = sets.pop()) addFields(set, { nodes, sets, fragments });
  return nodes;
}

function addFields(
  { selections }: SelectionSetNode,
  to: {
    readonly nodes: Map<string, FieldNode[]>;
    readonly sets: SelectionSetNode[];
    readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  },
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      const others = to.nodes.get(name);
      if (others) others.push(selection);
      else to.nodes.set(name, [selection]);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) to.sets.push(selection.selectionSet);
    else {
      const fragment = to.fragments[selection.name.value];
      if (fragment) to.sets.push(fragment.selectionSet);
    }
  }
}
