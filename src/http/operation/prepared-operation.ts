import { type DocumentNode, getOperationAST, GraphQLError, type OperationTypeNode } from 'graphql';
import type { ParsedDocument, ParsedDocuments } from '#src/graphql/document/parsed-documents.ts';
import { readsInstances } from '#src/graphql/document/reads-instances.ts';
import type { GraphqlParams } from '#src/http/request/graphql-params.ts';
import { notTrusted, trustedTextOf, type TrustedDocuments } from './trusted-documents.ts';

/** The operation of a document that a request names. */
export interface ParsedOperation {
  readonly name: string | null;
  readonly type: OperationTypeNode;
  /** Whether it asks for more than the schema, so that it needs a caller. */
  readonly readsInstances: boolean;
}

/** A request's document, parsed and validated; or the error that its client gets. */
export type PreparedOperation = {
  /** Null: the document has no operation of the given name, or was not parsed. */
  readonly operation: ParsedOperation | null;
} & (
  | { readonly kind: 'parsed'; readonly text: string; readonly parsed: ParsedDocument }
  | { readonly kind: 'rejected'; readonly error: GraphQLError }
);

/** An operation of a document that was parsed, and is valid where it is executed. */
export type ParsedRequest = PreparedOperation & { readonly kind: 'parsed' };

/** Finds the document of a request, by its text or its id, and prepares it. */
export function prepareOperation(
  documents: ParsedDocuments,
  trusted: TrustedDocuments | null,
  { params, documentId }: GraphqlParams,
): PreparedOperation {
  const sent = params.query || undefined;
  const text =
    documentId === null || !trusted ? (sent ?? '') : trustedTextOf(trusted, documentId, sent);
  if (text instanceof GraphQLError) return rejected(text);

  let parsed: ParsedDocument;
  try {
    parsed = documents.parse(text);
  } catch (error) {
    if (error instanceof GraphQLError) return rejected(withSpecStatus(error));
    throw error;
  }
  const operation = operationOf(parsed.document, params.operationName);
  // Before its validation errors are returned: they describe the schema. What reads no instances is
  // executed all the same: composition and GraphiQL ask for the schema, probes for `__typename`, and
  // whether the schema may be read is decided by INTROSPECTION.
  if (trusted?.only && documentId === null && operation?.readsInstances !== false) {
    return rejected(notTrusted(), operation);
  }
  return { kind: 'parsed', text, parsed, operation };
}

const rejected = (
  error: GraphQLError,
  operation: ParsedOperation | null = null,
): PreparedOperation => ({ kind: 'rejected', error, operation });

function operationOf(
  document: DocumentNode,
  operationName: string | null | undefined,
): ParsedOperation | null {
  const operation = getOperationAST(document, operationName);
  if (!operation) return null;
  return {
    name: operation.name?.value ?? null,
    type: operation.operation,
    readsInstances: readsInstances(document, operation),
  };
}

/** 400 for `application/graphql-response+json`, 200 for `application/json`: GraphQL over HTTP has it so. */
const withSpecStatus = (error: GraphQLError): GraphQLError =>
  new GraphQLError(error.message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions: { ...error.extensions, http: { spec: true, status: 400 } },
  });
