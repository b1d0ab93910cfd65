import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  type GraphQLField,
  type GraphQLSchema,
  Kind,
} from 'graphql';
import { windowOf } from '#src/graphql/instance/arguments.ts';
import type { Window } from '#src/reading/list/read-window.ts';
import { fieldsOf, type FieldScope } from './fields.ts';

/** An operation as it was asked for. The document is valid for the schema. */
export interface OperationInput {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  /** As they came: not coerced to their types yet. */
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** What a field at the top of an operation reads. */
export type RootRead = { readonly nodes: readonly FieldNode[] } & (
  | { readonly kind: 'window'; readonly window: Window }
  | { readonly kind: 'ids'; readonly ids: readonly unknown[] }
);

/** What an operation reads, and what it takes to look further into it. */
export interface OperationReads extends FieldScope {
  readonly reads: readonly RootRead[];
}

/**
 * What the fields at the top of an operation read; no others cause calls. Without those that will be
 * refused for their arguments; none at all where there is no such operation or a variable does not fit.
 */
export function readsOf({
  schema,
  document,
  operationName,
  variables,
}: OperationInput): OperationReads {
  const nothing = { reads: [], fragments: new Map(), variables: {} };
  const operation = getOperationAST(document, operationName);
  if (!operation) return nothing;
  const given = { ...variables };
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given, {
    maxErrors: 1,
  });
  if (!coerced) return nothing;

  const resolved = { fragments: fragmentsOf(document), variables: coerced };
  const known = schema.getRootType(operation.operation)?.getFields() ?? {};
  const reads = [...fieldsOf([operation.selectionSet], resolved).values()].flatMap((nodes) => {
    const field = known[nodes[0]?.name.value ?? ''];
    return field ? (readOf(field, nodes, coerced) ?? []) : [];
  });
  return { ...resolved, reads };
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  return fragments;
}

function readOf(
  field: GraphQLField<unknown, unknown>,
  nodes: readonly FieldNode[],
  variables: Record<string, unknown>,
): RootRead | undefined {
  const [node] = nodes;
  if (!node) return undefined;
  try {
    const args = getArgumentValues(field, node, variables);
    switch (field.name) {
      case 'instance':
      case 'node':
        return { kind: 'ids', nodes, ids: [args['id']] };
      case 'nodes':
        return { kind: 'ids', nodes, ids: listOf(args['ids']) };
      case '_entities':
        return { kind: 'ids', nodes, ids: listOf(args['representations']).map(idOf) };
      case 'instances':
        return { kind: 'window', nodes, window: windowOf(args) };
      default:
        return undefined;
    }
  } catch {
    // The field itself will be refused, for the same reason.
    return undefined;
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function idOf(representation: unknown): unknown {
  const isObject = typeof representation === 'object' && representation !== null;
  return isObject && 'id' in representation ? representation.id : undefined;
}
