import { createHash } from 'node:crypto';
import { GraphQLError, type GraphQLSchema, Kind, parse } from 'graphql';
import { checkDocument, type DocumentOptions } from '#src/graphql/document/parsed-documents.ts';
import { operationLabel } from './operation-label.ts';

/** The trusted documents of the manifests: a client can send the id of one instead of its text. */
export interface TrustedDocumentSet {
  /** By id, without the prefix `sha256:`. */
  readonly textById: ReadonlyMap<string, string>;
  /** The names of their operations. */
  readonly operationNames: readonly string[];
  /** Whether all other documents are refused (`TRUSTED_DOCUMENTS_MODE=only`). */
  readonly isExclusive: boolean;
}

/** Why a document of a manifest can never be executed, in one line. Null: it can. */
export function documentProblem(
  schema: GraphQLSchema,
  { id, text }: { readonly id: string; readonly text: string },
  options: DocumentOptions,
): string | null {
  const { operation, errors } = checkDocument(schema, text, options);
  if (errors[0] === undefined) return null;
  const subject = operation === null ? `the document ${id}` : `operation ${operation}`;
  return `${subject} is not valid: ${errors[0].message.replaceAll(/\s+/g, ' ')}`;
}

/** The names of the operations of a valid document, as the metrics report them. */
export const operationNamesOf = (text: string): readonly string[] =>
  parse(text, { noLocation: true }).definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION && node.name ? [operationLabel(node.name.value)] : [],
  );

/**
 * The text of the document with this id, or the error for the client. If the client sends a text
 * too, the text must match the id. Unlike with Apollo's automatic persisted queries, a text is
 * never stored under its id: only the manifests decide which documents are trusted.
 */
export function trustedTextOf(
  { textById, isExclusive }: TrustedDocumentSet,
  id: string,
  sentText: string | undefined,
): string | GraphQLError {
  const text = textById.get(id);
  if (sentText === undefined) return text ?? notFound();
  if (text !== undefined) return sentText === text ? text : hashMismatch();
  if (isExclusive) return notTrusted();
  return createHash('sha256').update(sentText).digest('hex') === id ? sentText : hashMismatch();
}

// Apollo's protocol defines this message. Some clients match on it, then send the text.
const notFound = () =>
  new GraphQLError('PersistedQueryNotFound', {
    extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
  });

export const notTrusted = (): GraphQLError =>
  new GraphQLError('This server executes only trusted documents. Send the hash of one.', {
    extensions: { code: 'DOCUMENT_NOT_TRUSTED' },
  });

const hashMismatch = () =>
  new GraphQLError('The hash does not match the text of the document.', {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
