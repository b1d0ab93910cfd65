import {
  type FieldNode,
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { fieldsOf, type FieldScope } from './fields.ts';
import { type OperationInput, type OperationReads, readsOf } from './reads.ts';

/**
 * The fields that the response to an operation has in the worst case: the fields of each row of a
 * list are counted for each row. Counts below root fields that read something; the rest of a
 * response is as small as its document.
 */
export const worstFields = (input: OperationInput): number =>
  worstFieldsOf(readsOf(input), input.schema);

/** {@link worstFields} of an operation whose reads are known. */
export const worstFieldsOf = ({ reads, ...scope }: OperationReads, schema: GraphQLSchema): number =>
  reads.reduce((sum, { field, nodes, objects, rows }) => {
    const parents = [getNamedType(field.type)];
    return sum + objects * fieldsBelow({ parents, nodes }, { ...scope, schema, rows });
  }, 0);

interface Selection {
  /** The types that the selected object may have. */
  readonly parents: readonly GraphQLNamedType[];
  readonly nodes: readonly FieldNode[];
}

interface Scope extends FieldScope {
  readonly schema: GraphQLSchema;
  /** How often each field with the extension `perRow: true` occurs. */
  readonly rows: number;
}

function fieldsBelow({ parents, nodes }: Selection, scope: Scope): number {
  const sets = nodes.map(({ selectionSet }) => selectionSet);
  let sum = 0;
  for (const group of fieldsOf(sets, scope).values()) {
    const names = new Set(group.map(({ name }) => name.value));
    const fields = definitionsOf(names, parents, scope.schema);
    const times = fields.some(isPerRow) ? scope.rows : 1;
    const types = new Set(fields.map(({ type }) => getNamedType(type)));
    sum += 1 + times * fieldsBelow({ parents: [...types], nodes: group }, scope);
  }
  return sum;
}

type Field = GraphQLField<unknown, unknown>;

/** The definitions of these fields in all types that the parent may have. */
function definitionsOf(
  names: ReadonlySet<string>,
  parents: readonly GraphQLNamedType[],
  schema: GraphQLSchema,
): readonly Field[] {
  const types = parents.flatMap((parent): readonly GraphQLNamedType[] =>
    isAbstractType(parent) ? [parent, ...schema.getPossibleTypes(parent)] : [parent],
  );
  return types.flatMap((type) => {
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    const fields = type.getFields();
    return [...names].flatMap((name) => fields[name] ?? []);
  });
}

const isPerRow = ({ extensions }: Field): boolean => extensions['perRow'] === true;
