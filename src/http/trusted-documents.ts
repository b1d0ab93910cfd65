import { createHash } from 'node:crypto';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { checkDocument, type DocumentOptions } from './document-plugin.ts';
import type { ServerContext } from './exchange.ts';

/** The documents that a client may name in place of sending them. */
export interface TrustedDocuments {
  /** By id, without the prefix `sha256:`. */
  readonly texts: ReadonlyMap<string, string>;
  /** Whether no other document is run. */
  readonly only: boolean;
}

/** Why a document could never be answered, in a line; null: it can. */
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
 * Puts the text in place of the id. A text that is sent is never kept: what may be asked is
 * decided by those who write the manifests, not by whoever asks first.
 */
export function trustedPlugin<Context>({
  texts,
  only,
}: TrustedDocuments): Plugin<ServerContext<Context>, ServerContext<Context>> {
  return {
    onParams({ params, context, setParams, setResult }) {
      const { documentId } = context.exchange;
      if (documentId === null) return;
      const found = textOf(documentId, params.query || undefined);
      if (found instanceof GraphQLError) setResult({ errors: [found] });
      else setParams({ ...params, query: found });
    },

    // Before it is validated: what is wrong with it would tell of the schema.
    onParse: () => (parsed) => {
      const { exchange } = parsed.context;
      if (!only || exchange.documentId !== null) return;
      // The schema is asked for by federation's composition and by GraphiQL, and `__typename` by
      // probes; whether it is told, INTROSPECTION decides. None of them knows of manifests.
      if (exchange.operation && !exchange.operation.reads) return;
      parsed.replaceParseResult(notTrusted());
    },
  };

  function textOf(id: string, sent: string | undefined): string | GraphQLError {
    const text = texts.get(id);
    if (sent === undefined) return text ?? notFound();
    if (text !== undefined) return sent === text ? text : otherText();
    if (only) return notTrusted();
    return createHash('sha256').update(sent).digest('hex') === id ? sent : otherText();
  }
}

// The message is the word of the protocol: some clients know it by that, and then send the text.
const notFound = () =>
  new GraphQLError('PersistedQueryNotFound', {
    extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
  });

const notTrusted = () =>
  new GraphQLError('Only documents that this server knows are run: name one by its hash.', {
    extensions: { code: 'DOCUMENT_NOT_TRUSTED' },
  });

const otherText = () =>
  new GraphQLError('The document is not the one that the hash stands for.', {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
