import { createHash } from 'node:crypto';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { checkDocument, type DocumentOptions } from '#src/graphql/document/parsed-documents.ts';

/** The trusted documents of the manifests: a client can send the id of one instead of its text. */
export interface TrustedDocumentSet {
  /** By id, without the prefix `sha256:`. */
  readonly textById: ReadonlyMap<string, string>;
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
