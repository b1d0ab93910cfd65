import {
  type FieldNode,
  getArgumentValues,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
  visit,
} from 'graphql';
import { fieldsOf, type Resolved } from '#src/graphql/complexity/fields.ts';

/** What running an operation would work out each time, worked out once. */
export interface Plan {
  readonly root: Selection;
  /** Fields of the text that went into it, each time they did: a measure of what the plan takes to keep. */
  readonly size: number;
}

/** The fields that run on an object of one type, in the order in which they are answered. */
export interface Selection {
  readonly type: GraphQLObjectType;
  readonly fields: readonly Field[];
  /** What is answered hangs on the object alone, and the object never changes. */
  readonly immutable: boolean;
}

export interface Field {
  readonly key: string;
  /** The key as it stands in an answer's text. */
  readonly keyText: string;
  readonly parent: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly nodes: readonly FieldNode[];
  /** Null: they depend on variables. */
  readonly args: Record<string, unknown> | null;
  /** Then, by the variables. */
  readonly argsBy: WeakMap<object, Record<string, unknown>>;
  readonly shape: Shape;
}

/** How a value is answered. */
export type Shape = { readonly nonNull: boolean } & (
  | { readonly kind: 'leaf'; readonly leaf: GraphQLLeafType }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'object'; readonly selection: Selection }
  | {
      readonly kind: 'abstract';
      readonly type: GraphQLAbstractType;
      readonly selections: ReadonlyMap<string, Selection>;
    }
);

/**
 * Plans a query; throws for what is left to the library's executor, and where it would come to more
 * than this size. No code is made of the document: compilers that make some, such as graphql-jit
 * 0.8, have let strings of a document get into it.
 */
export function planOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  resolved: Resolved,
  mostSize: number,
): Plan {
  // By their first node: fields that are the same in many places, as of a fragment, are planned once.
  const planned = new Map<FieldNode | undefined, Selection[]>();
  let size = 0;

  const selectionOf = (type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Selection => {
    const applies = ({ name }: NamedTypeNode) => {
      const named = schema.getType(name.value);
      return named === type || (isAbstractType(named) && schema.isSubType(named, type));
    };
    const collected = [...fieldsOf(sets, { ...resolved, applies })];
    const first = collected[0]?.[1][0];
    const near = planned.get(first) ?? [];
    const same = near.find((known) => known.type === type && isOf(known.fields, collected));
    if (same) return same;

    for (const [, nodes] of collected) size += nodes.length;
    if (size > mostSize || type.isTypeOf) throw new Error('Not planned');
    const selection = {
      type,
      fields: collected.map(([key, nodes]) => fieldOf(type, key, nodes)),
      immutable: type.extensions['immutable'] === true,
    };
    planned.set(first, [...near, selection]);
    return selection;
  };

  const fieldOf = (parent: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): Field => {
    const [node] = nodes;
    const name = node?.name.value ?? '';
    const definition = name === '__typename' ? TypeNameMetaFieldDef : parent.getFields()[name];
    // Introspection, and keys that would make of an answer what it is not.
    if (!node || !definition || misleading.has(key)) throw new Error('Not planned');
    return {
      key,
      keyText: `${JSON.stringify(key)}:`,
      parent,
      definition,
      // Copied, as an array that grew has room for more.
      nodes: [...nodes],
      args: hasVariables(node) ? null : getArgumentValues(definition, node),
      argsBy: new WeakMap(),
      shape: shapeOf(definition.type, nodes),
    };
  };

  const shapeOf = (type: GraphQLOutputType, nodes: readonly FieldNode[]): Shape => {
    if (isNonNullType(type)) return { ...shapeOf(type.ofType, nodes), nonNull: true };
    const nonNull = false;
    if (isListType(type)) return { nonNull, kind: 'list', item: shapeOf(type.ofType, nodes) };
    if (isLeafType(type)) return { nonNull, kind: 'leaf', leaf: type };
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (isObjectType(type)) return { nonNull, kind: 'object', selection: selectionOf(type, sets) };
    if (!type.resolveType) throw new Error('Not planned');
    const possible = schema.getPossibleTypes(type);
    const selections = new Map(possible.map((each) => [each.name, selectionOf(each, sets)]));
    return { nonNull, kind: 'abstract', type, selections };
  };

  const type = schema.getQueryType();
  if (operation.operation !== OperationTypeNode.QUERY || !type) throw new Error('Not planned');
  return { root: selectionOf(type, [operation.selectionSet]), size };
}

const misleading = new Set(['__proto__', 'then']);

const isOf = (
  fields: readonly Field[],
  collected: readonly (readonly [string, readonly FieldNode[]])[],
): boolean =>
  fields.length === collected.length &&
  fields.every(({ nodes }, index) => {
    const others = collected[index]?.[1] ?? [];
    return nodes.length === others.length && nodes.every((node, at) => node === others[at]);
  });

function hasVariables({ arguments: args = [] }: FieldNode): boolean {
  let found = false;
  const seen = () => void (found = true);
  for (const { value } of args) visit(value, { [Kind.VARIABLE]: seen });
  return found;
}
