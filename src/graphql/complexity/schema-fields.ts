import {
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getOperationAST,
  type GraphQLObjectType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
} from 'graphql';
import type { OperationInput } from './reads.ts';

/**
 * Whether introspection of the schema would return more than `max` fields. Counts without coercing
 * arguments, so deprecated parts and skipped fields count too.
 *
 * Aliases multiply from level to level, so a small document can select millions of fields. Each
 * selection is counted once for each object of the schema (memoized), and counting stops at `max`.
 */
export function hasMoreSchemaFieldsThan(max: number, input: OperationInput): boolean {
  const operation = getOperationAST(input.document, input.operationName);
  if (!operation) return false;
  const fragments = fragmentsOf(input);
  const counter = createCounter(max, input, { operation, fragments });
  return rootFieldsOf(operation.selectionSet, fragments).some((node) => {
    const { value } = node.name;
    if (value === '__schema') {
      return counter.isOver(node, getNamedType(SchemaMetaFieldDef.type), [input.schema]);
    }
    const type = value === '__type' ? input.schema.getType('__Type') : undefined;
    return type !== undefined && counter.isOver(node, type, typesNamedBy(node, input));
  });
}

interface Operation {
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

function createCounter(
  max: number,
  { schema }: OperationInput,
  { operation, fragments }: Operation,
) {
  const counts = new Map<SelectionSetNode, Map<unknown, number>>();
  let total = 0;

  const countSet = (set: SelectionSetNode, type: GraphQLObjectType, source: unknown): number => {
    const bySource = counts.get(set) ?? new Map<unknown, number>();
    counts.set(set, bySource);
    const known = bySource.get(source);
    if (known !== undefined) return known;
    // Ends the recursion of a fragment that spreads itself.
    bySource.set(source, 0);
    let count = 0;
    for (const node of set.selections) {
      if (count > max) break;
      if (node.kind === Kind.FIELD) count += 1 + countField(node, type, source);
      else {
        const below =
          node.kind === Kind.INLINE_FRAGMENT
            ? node.selectionSet
            : fragments.get(node.name.value)?.selectionSet;
        if (below) count += countSet(below, type, source);
      }
    }
    bySource.set(source, count);
    return count;
  };

  const countField = (node: FieldNode, parentType: GraphQLObjectType, source: unknown): number => {
    const field = parentType.getFields()[node.name.value];
    const type = field && getNamedType(field.type);
    if (!field?.resolve || !node.selectionSet || !isObjectType(type)) return 0;
    const { name: fieldName, type: returnType } = field;
    const value: unknown = field.resolve(source, { includeDeprecated: true }, undefined, {
      fieldName,
      fieldNodes: [node],
      returnType,
      parentType,
      path: { prev: undefined, key: fieldName, typename: parentType.name },
      schema,
      fragments: {},
      rootValue: undefined,
      operation,
      variableValues: {},
    });
    let count = 0;
    for (const item of Array.isArray(value) ? value : [value]) {
      if (count > max) break;
      if (item) count += countSet(node.selectionSet, type, item);
    }
    return count;
  };

  return {
    isOver(node: FieldNode, type: unknown, sources: readonly unknown[]): boolean {
      for (const source of sources) {
        if (node.selectionSet && isObjectType(type)) {
          total += countSet(node.selectionSet, type, source);
        }
      }
      return total > max;
    },
  };
}

function fragmentsOf({ document }: OperationInput): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
}

/** The fields at the root. A fragment that is spread several times is included once. */
function rootFieldsOf(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  spread = new Set<string>(),
): readonly FieldNode[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node];
    if (node.kind === Kind.INLINE_FRAGMENT) {
      return rootFieldsOf(node.selectionSet, fragments, spread);
    }
    const fragment = fragments.get(node.name.value);
    if (!fragment || spread.has(node.name.value)) return [];
    spread.add(node.name.value);
    return rootFieldsOf(fragment.selectionSet, fragments, spread);
  });
}

/** The type that `__type(name:)` returns; a list for the counter. */
function typesNamedBy(node: FieldNode, { schema, variables }: OperationInput): readonly unknown[] {
  const value = node.arguments?.find(({ name }) => name.value === 'name')?.value;
  const name = value?.kind === Kind.VARIABLE ? variables?.[value.name.value] : undefined;
  const literal = value?.kind === Kind.STRING ? value.value : undefined;
  const text = name ?? literal;
  const type = typeof text === 'string' ? schema.getType(text) : undefined;
  return type ? [type] : [];
}
