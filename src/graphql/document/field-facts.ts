import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  isLeafType,
  isListType,
  isNonNullType,
  isUnionType,
  Kind,
  print,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type ValueNode,
} from 'graphql';

/**
 * The definition of a field; undefined: the type has none of this name. Undefined for `__typename`
 * too, whose shape graphql-js does not compare either.
 */
export function fieldOf(
  schema: GraphQLSchema,
  parent: GraphQLCompositeType | undefined,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (!parent || isUnionType(parent)) return undefined;
  if (parent === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return parent.getFields()[name];
}

/** Whether values of these types can never have the same shape. */
export function differInShape(
  a: GraphQLOutputType | undefined,
  b: GraphQLOutputType | undefined,
): boolean {
  if (!a || !b || a === b) return false;
  if (isListType(a) || isListType(b)) {
    return !isListType(a) || !isListType(b) || differInShape(a.ofType, b.ofType);
  }
  if (isNonNullType(a) || isNonNullType(b)) {
    return !isNonNullType(a) || !isNonNullType(b) || differInShape(a.ofType, b.ofType);
  }
  return isLeafType(a) || isLeafType(b);
}

/** The arguments as a text that does not depend on their order, nor on that of object fields. */
export const argumentsText = ({ arguments: sent = [] }: FieldNode): string => fieldsText(sent);

const fieldsText = (
  fields: readonly { readonly name: { readonly value: string }; readonly value: ValueNode }[],
): string =>
  fields
    .map(({ name, value }) => `${name.value}:${valueText(value)}`)
    .toSorted()
    .join();

function valueText(node: ValueNode): string {
  if (node.kind === Kind.OBJECT) return `{${fieldsText(node.fields)}}`;
  if (node.kind === Kind.LIST) return `[${node.values.map(valueText).join()}]`;
  return print(node);
}
