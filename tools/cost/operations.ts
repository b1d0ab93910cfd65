import {
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  separateOperations,
} from 'graphql';

/** A parsed document. */
export interface Parsed {
  readonly name: string;
  readonly definitions: readonly DefinitionNode[];
}

/** One operation of a document. */
export interface Operation {
  readonly name: string | null;
  /** The operation and the fragments that it uses. */
  readonly document: DocumentNode;
  /** The name of the document that contains it. */
  readonly from: string;
}

/**
 * Separates the operations of these documents. A fragment is looked up in the operation's document
 * first, then in the other documents, as code generators and clients do.
 */
export function operationsOf(documents: readonly Parsed[]): readonly Operation[] {
  return documents.flatMap((from) => {
    const local = from.definitions.filter(isFragment);
    const names = new Set(local.map(({ name }) => name.value));
    const others = documents
      .filter((document) => document !== from)
      .flatMap(({ definitions }) => definitions.filter(isFragment))
      .filter(({ name }) => !names.has(name.value));
    return from.definitions.filter(isOperation).flatMap((operation) => {
      const all = { kind: Kind.DOCUMENT, definitions: [operation, ...local, ...others] } as const;
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
