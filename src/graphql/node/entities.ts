import { type GraphQLObjectType, type GraphQLSchema, isUnionType } from 'graphql';
import { Failure } from '#src/domain/failure.ts';
import type { Context } from '#src/graphql/context.ts';
import { checkIds } from './ids.ts';

/**
 * Gives `_entities` an answer or an error per slot, and a cap.
 *
 * The resolver that comes with the federation library fails the whole list for one unknown type.
 */
export function withEntitiesBySlot(schema: GraphQLSchema): GraphQLSchema {
  const entities = queryOf(schema).getFields()['_entities'];
  const union = schema.getType('_Entity');
  if (!entities || !isUnionType(union)) throw new Error('The schema has no entities');
  union.resolveType = () => 'Instance';
  entities.resolve = (_, { representations }, context: Context) =>
    resolveEntities(representations, context);
  return schema;
}

function queryOf(schema: GraphQLSchema): GraphQLObjectType {
  const query = schema.getQueryType();
  if (!query) throw new Error('The schema has no query type');
  return query;
}

function resolveEntities(representations: readonly unknown[], context: Context) {
  checkIds(representations, context.maxIds);
  return representations.map((representation) => resolveEntity(representation, context));
}

function resolveEntity(representation: unknown, { instanceById }: Context) {
  if (typeof representation !== 'object' || representation === null) {
    return wrong('A representation is an object with `__typename` and `id`.');
  }
  const { __typename: typename, id }: { __typename?: unknown; id?: unknown } = representation;
  if (typename !== 'Instance') return wrong('Only references to `Instance` can be resolved here.');
  if (typeof id !== 'string') return wrong('A reference to `Instance` needs its `id`, a string.');
  return instanceById.load(id);
}

const wrong = (message: string) =>
  new Failure('bad-input', message, { argument: 'representations' });
