import { type GraphQLField, type GraphQLSchema, type GraphQLUnionType, isUnionType } from 'graphql';
import { Failure } from '#src/domain/failure.ts';
import { free, UpstreamCost } from '#src/graphql/upstream-cost.ts';
import type { Context } from '#src/graphql/context.ts';
import { checkIds } from './ids.ts';
import { type Noun, nounOfId, nounsOf, readsOfNodes, typenameOf } from './nouns.ts';

/**
 * Replaces the resolver of `_entities`, limits its list, and declares the upstream costs of the
 * fields that the federation plugin makes.
 *
 * The plugin's resolver fails the whole list for one unknown type; this one gives each
 * representation a result or an error.
 */
export function withFederationFields(schema: GraphQLSchema): GraphQLSchema {
  const { _entities: entities, _service: service } = schema.getQueryType()?.getFields() ?? {};
  const union = schema.getType('_Entity');
  if (!entities || !service || !isUnionType(union)) throw new Error('The schema has no entities');
  checkEntities(schema, union);
  union.resolveType = (value, _, info) => typenameOf(value, info);
  entities.resolve = (_, { representations }, context: Context) =>
    resolveEntities(representations, context, schema);
  declareCost(entities, readsEntities);
  declareCost(service, free);
  return schema;
}

/** Throws for an entity that has no noun: `_entities` could not load it. */
function checkEntities(schema: GraphQLSchema, union: GraphQLUnionType): void {
  const typenames = new Set(nounsOf(schema).map(({ typename }) => typename));
  const missing = union.getTypes().filter(({ name }) => !typenames.has(name));
  if (missing.length > 0) {
    throw new Error(`Entities without the extension \`noun\`: ${missing.join(', ')}`);
  }
}

function declareCost(field: GraphQLField<unknown, unknown>, upstreamCost: UpstreamCost): void {
  field.extensions = { ...field.extensions, upstreamCost };
}

const readsEntities = new UpstreamCost(({ representations }, schema) => {
  if (!Array.isArray(representations)) return null;
  const nodes = representations.flatMap((each) => {
    const reference = referenceOf(each, schema);
    return typeof reference === 'string' ? [] : (reference ?? []);
  });
  return { reads: readsOfNodes(nodes), objects: representations.length, rows: 1 };
});

function resolveEntities(
  representations: readonly unknown[],
  context: Context,
  schema: GraphQLSchema,
) {
  checkIds(representations, context.maxIds);
  return representations.map((representation) => {
    const reference = referenceOf(representation, schema);
    if (reference === null) return null;
    if (typeof reference === 'string') return invalid(reference);
    return reference.noun.load(reference.id, context);
  });
}

/**
 * The noun and the id that a representation names. Null: no object of this type has such an id. A
 * text: what is wrong with the representation. (A text, because an Error takes 20 µs, and a list
 * over the limit may have many.)
 */
function referenceOf(
  representation: unknown,
  schema: GraphQLSchema,
): { readonly noun: Noun; readonly id: string } | string | null {
  if (typeof representation !== 'object' || representation === null) {
    return 'A representation must be an object with `__typename` and `id`.';
  }
  const { __typename: typename, id }: { __typename?: unknown; id?: unknown } = representation;
  const nouns = nounsOf(schema);
  const named = nouns.find((each) => each.typename === typename);
  if (!named) {
    const typenames = nouns.map((each) => `\`${each.typename}\``).join(', ');
    return `The \`__typename\` of a representation must be one of: ${typenames}.`;
  }
  if (typeof id !== 'string') {
    return `A representation of \`${named.typename}\` must have its \`id\`, a string.`;
  }
  return nounOfId(schema, id)?.noun === named.noun ? { noun: named.noun, id } : null;
}

const invalid = (message: string) =>
  new Failure('bad-input', message, { argument: 'representations' });
