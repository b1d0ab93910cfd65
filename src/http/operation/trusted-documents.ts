import { createHash } from 'node:crypto';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { checkDocument, type DocumentOptions } from '#src/graphql/document/parsed-documents.ts';

/** The documents that a client may name in place of sending them. */
export interface TrustedDocuments {
  /** By id, without the prefix `sha256:`. */
  readonly texts: ReadonlyMap<string, string>;
  /** Whether no other document is executed. */
  readonly only: boolean;
}

/** Why a document could never be executed, in one line; null: it can be. */
export function documentProblem(
  schema: GraphQLSchema,
  { id, text }: { readonly id: string; readonly text: string },
  options: DocumentOptions,
): string | null {
  const { operation, errors } = checkDocument(schema, text, options);
  if (errors[0] === undefined) return null;
  const what = operation === null ? `the document ${id}` : `operation ${operation}`;
  return `${what} cannot be run: ${errors[0].message.replaceAll(/\s+/g, ' ')}`;
}

/**
 * The text of a document by its id. A text that is sent along is compared and never kept: the manifests
 * decide which documents there are, not the first client that sends one.
 */
export function trustedTextOf(
  { texts, only }: TrustedDocuments,
  id: string,
  sent: string | undefined,
): string | GraphQLError {
  const text = texts.get(id);
  if (sent === undefined) return text ?? notFound();
  if (text !== undefined) return sent === text ? text : otherText();
  if (only) return notTrusted();
  return createHash('sha256').update(sent).digest('hex') === id ? sent : otherText();
}

// Apollo's protocol defines this message: some clients send the text when they read it.
const notFound = () =>
  new GraphQLError('PersistedQueryNotFound', {
    extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
  });

export const notTrusted = (): GraphQLError =>
  new GraphQLError('Only documents that this server knows are run: name one by its hash.', {
    extensions: { code: 'DOCUMENT_NOT_TRUSTED' },
  });

const otherText = () =>
  new GraphQLError('The document is not the one that the hash stands for.', {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
