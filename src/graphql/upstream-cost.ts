import {
  type getArgumentValues,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  OperationTypeNode,
} from 'graphql';
import type { Window } from '#src/reading/list/read-window.ts';

/** The arguments of a field, as graphql-js coerced them to the types of the schema. */
export type FieldArguments = ReturnType<typeof getArgumentValues>;

/**
 * What a root field reads from EnviaAI. `complexity/worst-calls.ts` counts equal reads of an
 * operation once.
 */
export type UpstreamRead =
  | { readonly kind: 'window'; readonly window: Window }
  /** Instances by id; values that cannot be an id cost nothing. */
  | { readonly kind: 'ids'; readonly ids: readonly unknown[] }
  /** One write, and the read of the instance after it. */
  | { readonly kind: 'write' }
  /** Calls that no other field of the operation shares. */
  | { readonly kind: 'calls'; readonly calls: number };

/** The worst case of one root field with its arguments. */
export interface WorstCase {
  readonly reads: readonly UpstreamRead[];
  /** Objects that the field returns: the length of a list, else 1. */
  readonly objects: number;
  /** Rows of a connection: how often each field with the extension `perRow: true` occurs. */
  readonly rows: number;
}

/** Null: the field costs nothing. Throws for arguments that the field itself rejects. */
type WorstCaseOf = (args: FieldArguments, schema: GraphQLSchema) => WorstCase | null;

/**
 * The upstream cost of a root field. Each field of `Query`, `Mutation` and `Subscription` declares
 * one in its options: `extensions: { upstreamCost: readsByIds(({ id }) => [id]) }`.
 */
export class UpstreamCost {
  readonly worstCase: WorstCaseOf;

  constructor(worstCase: WorstCaseOf) {
    this.worstCase = worstCase;
  }
}

/** The field makes no upstream call. */
export const free = new UpstreamCost(() => null);

/** The field reads a window of the list of instances. */
export const readsWindow = (windowOf: (args: FieldArguments) => Window): UpstreamCost =>
  new UpstreamCost((args) => {
    const window = windowOf(args);
    return { reads: [{ kind: 'window', window }], objects: 1, rows: window.count };
  });

/** The field reads instances by their ids. */
export const readsByIds = (idsOf: (args: FieldArguments) => readonly unknown[]): UpstreamCost =>
  new UpstreamCost((args) => {
    const ids = idsOf(args);
    return { reads: [{ kind: 'ids', ids }], objects: ids.length, rows: 1 };
  });

/** The field changes an instance and returns it. */
export const writes = new UpstreamCost(() => ({
  reads: [{ kind: 'write' }],
  objects: 1,
  rows: 1,
}));

/** The field makes calls that are not shared. It returns one object, with one row, by default. */
export const makesCalls = (
  worstOf: (args: FieldArguments) => Partial<Omit<WorstCase, 'reads'>> & { readonly calls: number },
): UpstreamCost =>
  new UpstreamCost((args) => {
    const { calls, objects = 1, rows = 1 } = worstOf(args);
    return { reads: [{ kind: 'calls', calls }], objects, rows };
  });

/** The declared cost of a root field; null: it declares none. */
export function upstreamCostOf({
  extensions,
}: Pick<GraphQLField<unknown, unknown>, 'extensions'>): UpstreamCost | null {
  const { upstreamCost } = extensions;
  return upstreamCost instanceof UpstreamCost ? upstreamCost : null;
}

/**
 * Throws for root fields without an upstream cost: the complexity limits could not count their
 * calls, so the server does not start with such a schema.
 */
export function checkUpstreamCosts(schema: GraphQLSchema): void {
  const missing = Object.values(OperationTypeNode)
    .flatMap((operation) => schema.getRootType(operation) ?? [])
    .flatMap(fieldsWithoutCost);
  if (missing.length === 0) return;
  throw new Error(
    `Root fields without an upstream cost: ${missing.join(', ')}. Declare it in the options of each field: \`extensions: { upstreamCost: … }\`.`,
  );
}

const fieldsWithoutCost = (type: GraphQLObjectType): readonly string[] =>
  Object.values(type.getFields())
    .filter((field) => !upstreamCostOf(field))
    .map(({ name }) => `${type.name}.${name}`);
