import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { knownOperations } from './known-operations.ts';
import { type DocumentLimits, exceededLimits, limitError } from './limits.ts';
import { truncate } from './truncate.ts';

export interface DocumentOptions {
  readonly limits: DocumentLimits;
  readonly introspection: boolean;
  /** Whether errors propose names of the schema: "Did you mean …?" */
  readonly suggestions: boolean;
}

/** A document that is GraphQL, with the errors that validation found in it. */
export interface ParsedDocument {
  /** Stands for the document's text in the keys of the response cache. */
  readonly id: number;
  readonly document: DocumentNode;
  /** Each with a code; empty: the document is valid and within the limits. */
  readonly errors: readonly GraphQLError[];
}

export interface ParsedDocuments {
  /** Parses and validates a text, or returns what that gave before. Throws a GraphQLError for a text that is not GraphQL. */
  readonly parse: (text: string) => ParsedDocument;
  /** Keeps a document in a part of the cache of its own, where documents that nobody could execute do not evict it. */
  readonly promote: (text: string, document: ParsedDocument) => void;
}

/** Of the texts of all cached documents, in characters; a parsed document takes up to 240 bytes for each. */
const maxNewChars = 128 * 1024;
const maxPromotedChars = 128 * 1024;

/** Of one document beside its text, in characters. */
const overheadChars = 32;

/**
 * The cache of parsed and validated documents: an LRU cache in two parts. Anybody can send a document, and fill the
 * first part with it; a document moves to the second part once it was executed for an admitted caller without an error.
 */
export function createParsedDocuments(
  schema: GraphQLSchema,
  options: DocumentOptions,
): ParsedDocuments {
  const cacheOf = (maxSize: number) =>
    new LRUCache<string, ParsedDocument>({
      maxSize,
      sizeCalculation: (_, text) => text.length + overheadChars,
    });
  const recent = cacheOf(maxNewChars);
  const promoted = cacheOf(maxPromotedChars);
  let lastId = 0;

  return {
    parse(text) {
      const known = promoted.get(text) ?? recent.get(text);
      if (known) return known;
      const document = parseDocument(text, options.limits.tokens);
      const errors = validateDocument(schema, document, options);
      const parsed = { id: (lastId += 1), document, errors };
      recent.set(text, parsed);
      return parsed;
    },
    promote(text, document) {
      if (!promoted.has(text)) promoted.set(text, document);
    },
  };
}

/** The errors that a client would get for a document, and the name of its first operation. */
export function checkDocument(
  schema: GraphQLSchema,
  text: string,
  options: DocumentOptions,
): { readonly operation: string | null; readonly errors: readonly GraphQLError[] } {
  try {
    const document = parseDocument(text, options.limits.tokens);
    const first = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
    if (!first) return { operation: null, errors: [new GraphQLError('It has no operation.')] };
    const errors = validateDocument(schema, document, options);
    return { operation: first.name?.value ?? null, errors };
  } catch (error) {
    if (error instanceof GraphQLError) return { operation: null, errors: [error] };
    throw error;
  }
}

function parseDocument(text: string, maxTokens: number): DocumentNode {
  try {
    return parse(text, { maxTokens });
  } catch (error) {
    if (error instanceof RangeError) {
      throw limitError('MAX_DEPTH', 'The document is nested too deeply to be read.');
    }
    if (!(error instanceof GraphQLError)) throw error;
    // graphql-js gives this error no code of its own, only a message.
    if (/tokens\. Parsing aborted/.test(error.message)) {
      throw limitError('MAX_TOKENS', `The document has more than ${maxTokens} tokens.`);
    }
    throw withCode(error, 'GRAPHQL_PARSE_FAILED');
  }
}

function validateDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  { limits, introspection, suggestions }: DocumentOptions,
): readonly GraphQLError[] {
  // Before the rules of the language, some of which take long over documents that the limits refuse.
  const exceeded = exceededLimits(document, limits);
  if (exceeded.length > 0) return exceeded;

  const rules = [
    ...specifiedRules,
    knownOperations,
    ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
  ];
  const validation = { hideSuggestions: !suggestions, maxErrors };
  return validate(schema, document, rules, validation).map((error) =>
    withCode(error, 'GRAPHQL_VALIDATION_FAILED'),
  );
}

// A small document can have a great many errors, each of them in a great many locations.
const maxErrors = 20;
const maxLocations = 4;

const withCode = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(truncate(error.message), {
    nodes: error.nodes?.slice(0, maxLocations) ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions: { code },
  });
