import {
  type DocumentNode,
  getOperationAST,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { weakMemo } from '#src/domain/weak-memo.ts';
import type { ParsedDocument, ParsedDocuments } from '#src/graphql/document/parsed-documents.ts';
import { readsInstances } from '#src/graphql/document/reads-instances.ts';
import type { GraphqlParams } from '#src/http/request/graphql-params.ts';
import { operationLabel } from './operation-label.ts';
import { notTrusted, trustedTextOf, type TrustedDocumentSet } from './trusted-document-set.ts';

/** The operation of a document that a request selects. */
export interface ParsedOperation {
  /** For the log and the metrics: the name, truncated to 64 characters, or "anonymous". */
  readonly label: string;
  readonly type: OperationTypeNode;
  /** Whether it reads more than the schema, and therefore needs an authenticated caller. */
  readonly readsInstances: boolean;
}

/** A request's document, parsed and validated; or the error for the client. */
export type PreparedOperation = {
  /** Null: the document has no operation of the given name, or was not parsed. */
  readonly operation: ParsedOperation | null;
} & (
  | { readonly kind: 'parsed'; readonly text: string; readonly parsed: ParsedDocument }
  | { readonly kind: 'rejected'; readonly error: GraphQLError }
);

/** A request whose document was parsed. It may still have validation errors. */
export type ParsedRequest = PreparedOperation & { readonly kind: 'parsed' };

/** Finds the document of a request by its id or its text, and parses and validates it. */
export function prepareOperation(
  documents: ParsedDocuments,
  trusted: TrustedDocumentSet | null,
  { params, documentId }: GraphqlParams,
): PreparedOperation {
  const sentText = params.query || undefined;
  const text =
    documentId === null || !trusted
      ? (sentText ?? '')
      : trustedTextOf(trusted, documentId, sentText);
  if (text instanceof GraphQLError) return rejected(text);

  let parsed: ParsedDocument;
  try {
    parsed = documents.parse(text);
  } catch (error) {
    if (error instanceof GraphQLError) return rejected(withSpecStatus(error));
    throw error;
  }
  const operation = operationOf(parsed.document, params.operationName);
  if (trusted?.isExclusive && documentId === null && !isExempt(parsed, operation)) {
    return rejected(notTrusted(), operation);
  }
  return { kind: 'parsed', text, parsed, operation };
}

/**
 * Whether a document that is not trusted may be executed: a valid document that can only read the
 * schema. Composition and GraphiQL query the schema, and probes query `__typename`; INTROSPECTION
 * decides whether the schema may be read.
 *
 * Validation errors describe the schema. So does the fact that another operation of the document is
 * valid.
 */
const isExempt = (
  { document, errors }: ParsedDocument,
  operation: ParsedOperation | null,
): boolean =>
  operation?.type === OperationTypeNode.QUERY &&
  errors.length === 0 &&
  document.definitions.every(
    (node) => node.kind !== Kind.OPERATION_DEFINITION || !readsInstances(document, node),
  );

const rejected = (
  error: GraphQLError,
  operation: ParsedOperation | null = null,
): PreparedOperation => ({ kind: 'rejected', error, operation });

function operationOf(
  document: DocumentNode,
  operationName: string | null | undefined,
): ParsedOperation | null {
  const operation = getOperationAST(document, operationName);
  return operation ? factsOf(document)(operation) : null;
}

/** Memoized: clients send the same documents again and again. */
const factsOf = weakMemo((document: DocumentNode) =>
  weakMemo((operation: OperationDefinitionNode): ParsedOperation => ({
    // A copy: the name is a part of the document, and the metrics and traces outlive it.
    label: operationLabel(operation.name?.value),
    type: operation.operation,
    readsInstances: readsInstances(document, operation),
  })),
);

/**
 * The error with the status of GraphQL over HTTP: 400 for `application/graphql-response+json`, 200
 * for `application/json`.
 */
const withSpecStatus = (error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions: { ...error.extensions, http: { spec: true, status: 400 } },
  });
