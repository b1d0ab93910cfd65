import {
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  separateOperations,
} from 'graphql';

/** A document as it was read. */
export interface Parsed {
  readonly name: string;
  readonly definitions: readonly DefinitionNode[];
}

/** An operation by itself. */
export interface Operation {
  readonly name: string | null;
  /** It, and the fragments that it spreads. */
  readonly document: DocumentNode;
  /** The name of the document that it is from. */
  readonly from: string;
}

/**
 * Each operation of these documents, with the fragments of its own document and, of those that it has none
 * of by that name, of the others: so generators and clients read them.
 */
export function operationsOf(documents: readonly Parsed[]): readonly Operation[] {
  return documents.flatMap((from) => {
    const own = from.definitions.filter(isFragment);
    const names = new Set(own.map(({ name }) => name.value));
    const others = documents
      .filter((document) => document !== from)
      .flatMap(({ definitions }) => definitions.filter(isFragment))
      .filter(({ name }) => !names.has(name.value));
    return from.definitions.filter(isOperation).flatMap((operation) => {
      const all = { kind: Kind.DOCUMENT, definitions: [operation, ...own, ...others] } as const;
      const name = operation.name?.value ?? null;
      return Object.values(separateOperations(all)).map((document) => ({
        name,
        document,
        from: from.name,
      }));
    });
  });
}

export const isFragment = (node: DefinitionNode): node is FragmentDefinitionNode =>
  node.kind === Kind.FRAGMENT_DEFINITION;

const isOperation = (node: DefinitionNode): node is OperationDefinitionNode =>
  node.kind === Kind.OPERATION_DEFINITION;
