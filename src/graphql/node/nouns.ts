import {
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isInterfaceType,
} from 'graphql';
import {
  type FieldArguments,
  UpstreamCost,
  type UpstreamRead,
} from '#src/graphql/upstream-cost.ts';
import { weakMemo } from '#src/domain/weak-memo.ts';
import type { Context } from '#src/graphql/context.ts';

/** What every object with an id has. */
interface NodeValue {
  readonly id: string;
}

export interface NounOptions<Value extends NodeValue> {
  /**
   * Ids with this prefix belong to the noun; of several prefixes that match, the longest wins. The
   * empty prefix is for the one noun that takes all other ids.
   */
  readonly idPrefix: string;
  /** Loads an object by its id, in a batch with others of the operation; null: there is none. */
  readonly load: (id: string, context: Context) => Promise<Value | null>;
  /** What loading these ids reads from EnviaAI in the worst case. */
  readonly readsOf: (ids: readonly string[]) => readonly UpstreamRead[];
}

/**
 * Registers a type that has ids: `node`, `nodes`, `_entities` and abstract types find it by its
 * extension, `extensions: { noun: new Noun({ … }) }`.
 */
export class Noun<Value extends NodeValue = NodeValue> {
  readonly idPrefix: NounOptions<Value>['idPrefix'];
  readonly load: NounOptions<Value>['load'];
  readonly readsOf: NounOptions<Value>['readsOf'];

  constructor({ idPrefix, load, readsOf }: NounOptions<Value>) {
    this.idPrefix = idPrefix;
    this.load = load;
    this.readsOf = readsOf;
  }
}

export interface NamedNoun {
  readonly typename: string;
  readonly noun: Noun;
}

/**
 * Throws for a type that implements `Node` without a noun, and for two nouns with the same prefix.
 */
export function checkNouns(schema: GraphQLSchema): void {
  const prefixes = new Map<string, string>();
  for (const type of nodeTypes(schema)) {
    const noun = nounOf(type);
    if (!noun) {
      throw new Error(`${type.name} implements Node, but has no extension \`noun\``);
    }
    const other = prefixes.get(noun.idPrefix);
    if (other !== undefined) {
      throw new Error(`${other} and ${type.name} have the same prefix of ids: "${noun.idPrefix}"`);
    }
    prefixes.set(noun.idPrefix, type.name);
  }
}

/** The nouns of a schema, with the names of their types. Memoized: it is called for each id. */
export const nounsOf: (schema: GraphQLSchema) => readonly NamedNoun[] = weakMemo((schema) =>
  nodeTypes(schema).flatMap((type) => {
    const noun = nounOf(type);
    return noun ? [{ typename: type.name, noun }] : [];
  }),
);

/** The noun with the longest prefix of the id; undefined: no noun has such ids. */
export function nounOfId(schema: GraphQLSchema, id: string): NamedNoun | undefined {
  let found: NamedNoun | undefined;
  for (const named of nounsOf(schema)) {
    const { idPrefix } = named.noun;
    if (!id.startsWith(idPrefix)) continue;
    if (found && found.noun.idPrefix.length > idPrefix.length) continue;
    found = named;
  }
  return found;
}

/** Loads an object of any noun by its id; null: there is none. */
export function loadNode(
  id: string,
  context: Context,
  { schema }: Pick<GraphQLResolveInfo, 'schema'>,
): Promise<NodeValue | null> {
  return nounOfId(schema, id)?.noun.load(id, context) ?? Promise.resolve(null);
}

/** The type of an object that a noun loaded, for `resolveType` of abstract types. */
export function typenameOf(
  value: unknown,
  { schema }: Pick<GraphQLResolveInfo, 'schema'>,
): string | undefined {
  if (typeof value !== 'object' || value === null || !('id' in value)) return undefined;
  return typeof value.id === 'string' ? nounOfId(schema, value.id)?.typename : undefined;
}

/** The field loads objects of any noun by their ids. */
export const readsNodes = (idsOf: (args: FieldArguments) => readonly unknown[]): UpstreamCost =>
  new UpstreamCost((args, schema) => {
    const ids = idsOf(args);
    const nodes = ids
      .filter((id) => typeof id === 'string')
      .flatMap((id) => {
        const named = nounOfId(schema, id);
        return named ? { noun: named.noun, id } : [];
      });
    return { reads: readsOfNodes(nodes), objects: ids.length, rows: 1 };
  });

/** What loading these objects together reads from EnviaAI. */
export function readsOfNodes(
  nodes: readonly { readonly noun: Noun; readonly id: string }[],
): readonly UpstreamRead[] {
  const idsByNoun = Map.groupBy(nodes, ({ noun }) => noun);
  return [...idsByNoun].flatMap(([noun, group]) => noun.readsOf(group.map(({ id }) => id)));
}

function nodeTypes(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  const node = schema.getType('Node');
  return isInterfaceType(node) ? schema.getPossibleTypes(node) : [];
}

function nounOf({ extensions }: GraphQLObjectType): Noun | undefined {
  const { noun } = extensions;
  return noun instanceof Noun ? noun : undefined;
}
