import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  Kind,
} from 'graphql';
import { Failure } from '#src/domain/failure.ts';
import { fieldsOf, type FieldScope } from './fields.ts';
import { upstreamCostOf, type WorstCase } from '#src/graphql/upstream-cost.ts';

/** An operation as a client sent it. The document is valid for the schema. */
export interface OperationInput {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  /** As they were sent, before graphql-js coerces them to their types. */
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** A root field of an operation that reads something, and its worst case. */
export interface RootRead extends WorstCase {
  readonly field: GraphQLField<unknown, unknown>;
  /** Its selections; several where the document repeats the field. */
  readonly nodes: readonly FieldNode[];
}

/** The root fields of an operation that read something, and the scope of the fields below them. */
export interface OperationReads extends FieldScope {
  readonly reads: readonly RootRead[];
  /**
   * The fields return more objects than `maxObjects` in all; the rest of them is not in `reads`.
   */
  readonly hasTooManyObjects: boolean;
}

/**
 * Returns the root fields of an operation that read something; only root fields cause upstream
 * calls. Fields that will be rejected for their arguments are left out. Empty: the document does
 * not have the operation, or a variable is not of its type.
 *
 * Stops at `maxObjects`: a hundred fields can have the same variable with thousands of ids.
 */
export function readsOf(
  { schema, document, operationName, variables }: OperationInput,
  maxObjects = Number.POSITIVE_INFINITY,
): OperationReads {
  const nothing = { reads: [], fragments: new Map(), variables: {}, hasTooManyObjects: false };
  const operation = getOperationAST(document, operationName);
  if (!operation) return nothing;
  const sent = { ...variables };
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], sent, {
    maxErrors: 1,
  });
  if (!coerced) return nothing;

  const scope = { fragments: fragmentsOf(document), variables: coerced };
  const rootFields = schema.getRootType(operation.operation)?.getFields() ?? {};
  const reads: RootRead[] = [];
  let objects = 0;
  for (const nodes of fieldsOf([operation.selectionSet], scope).values()) {
    const [node] = nodes;
    // Undefined for `__typename`, `__schema` and `__type`.
    const field = node && rootFields[node.name.value];
    const worstCase = field && worstCaseOf(field, { node, variables: coerced, schema });
    if (!worstCase) continue;
    reads.push({ ...worstCase, field, nodes });
    objects += worstCase.objects;
    if (objects > maxObjects) return { ...scope, reads, hasTooManyObjects: true };
  }
  return { ...scope, reads, hasTooManyObjects: false };
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  return fragments;
}

interface FieldCall {
  readonly node: FieldNode;
  readonly variables: Record<string, unknown>;
  readonly schema: GraphQLSchema;
}

/** Null: the field reads nothing, or will be rejected for its arguments. */
function worstCaseOf(
  field: GraphQLField<unknown, unknown>,
  { node, variables, schema }: FieldCall,
): WorstCase | null {
  const cost = upstreamCostOf(field);
  if (!cost) throw new Error(`The root field ${field.name} has no upstream cost`);
  try {
    return cost.worstCase(getArgumentValues(field, node, variables), schema);
  } catch (error) {
    // The resolver rejects these arguments for the same reason.
    if (error instanceof GraphQLError || error instanceof Failure) return null;
    throw error;
  }
}
