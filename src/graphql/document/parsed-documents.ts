import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  OverlappingFieldsCanBeMergedRule,
  parse,
  Source,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { limitExceeded } from '#src/graphql/errors.ts';
import { conditionalSubscriptions } from './conditional-subscriptions.ts';
import { fieldsCanMerge } from './fields-can-merge.ts';
import { knownOperations } from './known-operations.ts';
import { type DocumentLimits, exceededLimits } from './limits.ts';
import { truncate } from './truncate.ts';

export interface DocumentOptions {
  readonly limits: DocumentLimits;
  readonly introspection: boolean;
  /** Whether errors suggest names of the schema ("Did you mean …?"). */
  readonly suggestions: boolean;
}

/** A parsed document, with its validation errors. */
export interface ParsedDocument {
  /** Used in the keys of the response cache in place of the text. */
  readonly id: number;
  readonly document: DocumentNode;
  /** Each has a code. Empty: the document is valid and within the limits. */
  readonly errors: readonly GraphQLError[];
}

export interface ParsedDocuments {
  /** Parses and validates a text, unless it is cached. Throws a GraphQLError for a syntax error. */
  readonly parse: (text: string) => ParsedDocument;
  /** Moves a document to the second part of the cache. */
  readonly promote: (text: string, document: ParsedDocument) => void;
  /** Estimated size of all cached documents, in bytes. */
  readonly bytes: () => number;
}

/** Estimated size of a parsed document, for each character of its text. Measured: up to 240. */
const bytesPerChar = 240;

/** Maximum size of all texts, in characters. */
const maxNewChars = 128 * 1024;
const maxPromotedChars = 128 * 1024;

/** Overhead of one document, in characters. */
const overheadChars = 32;

/** Size of a validation error, in characters. */
const errorChars = 6;

/**
 * The cache of parsed and validated documents: an LRU cache in two parts (segmented LRU). Anybody
 * can fill the first part, by sending documents. A document enters the second part after it was
 * executed without an error for an authenticated caller, so other documents cannot evict it.
 */
export function createParsedDocuments(
  schema: GraphQLSchema,
  options: DocumentOptions,
): ParsedDocuments {
  const cacheOf = (maxSize: number) =>
    new LRUCache<string, ParsedDocument>({
      maxSize,
      sizeCalculation: ({ errors }, text) =>
        text.length + overheadChars + errors.length * errorChars,
    });
  const recent = cacheOf(maxNewChars);
  const promoted = cacheOf(maxPromotedChars);
  let lastId = 0;

  return {
    parse(text) {
      const known = promoted.get(text) ?? recent.get(text);
      if (known) return known;
      const parsedText = parseDocument(text, options.limits.tokens);
      const errors = validateDocument(schema, parsedText, options);
      const { document } = parsedText;
      const parsed = { id: (lastId += 1), document, errors };
      recent.set(text, parsed);
      return parsed;
    },
    promote(text, document) {
      if (!promoted.has(text)) promoted.set(text, document);
    },
    bytes: () => (recent.calculatedSize + promoted.calculatedSize) * bytesPerChar,
  };
}

/** The errors that a client would get for this document, and the name of its first operation. */
export function checkDocument(
  schema: GraphQLSchema,
  text: string,
  options: DocumentOptions,
): { readonly operation: string | null; readonly errors: readonly GraphQLError[] } {
  try {
    const parsed = parseDocument(text, options.limits.tokens);
    const first = parsed.document.definitions.find(
      (node) => node.kind === Kind.OPERATION_DEFINITION,
    );
    if (!first)
      return { operation: null, errors: [new GraphQLError('The document has no operation.')] };
    const errors = validateDocument(schema, parsed, options);
    return { operation: first.name?.value ?? null, errors };
  } catch (error) {
    if (error instanceof GraphQLError) return { operation: null, errors: [error] };
    throw error;
  }
}

interface Parsed {
  readonly document: DocumentNode;
  /** The source that the nodes of the document refer to. */
  readonly source: Source;
}

/**
 * Longer documents have no locations in errors: graphql-js looks for line breaks from the start of
 * the text for each location, so a hundred errors in 1 MB of blank lines would take 15 s.
 */
const maxLocatedChars = 64 * 1024;
const maxLocatedLines = 5000;

function parseDocument(text: string, maxTokens: number): Parsed {
  try {
    const source = new Source(text);
    const noLocation = !hasLocations(text);
    return { document: parse(source, { maxTokens, noLocation }), source };
  } catch (error) {
    if (error instanceof RangeError) {
      throw tooDeep();
    }
    if (!(error instanceof GraphQLError)) throw error;
    // graphql-js has no code for this error, only a message.
    if (/tokens\. Parsing aborted/.test(error.message)) {
      throw limitExceeded('MAX_TOKENS', `The document has more than ${maxTokens} tokens.`);
    }
    throw withCode(error, 'GRAPHQL_PARSE_FAILED');
  }
}

function hasLocations(text: string): boolean {
  if (text.length > maxLocatedChars) return false;
  let lines = 1;
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charCodeAt(index);
    if (char === lineFeed || char === carriageReturn) lines += 1;
  }
  return lines <= maxLocatedLines;
}

const lineFeed = 10;
const carriageReturn = 13;

function validateDocument(
  schema: GraphQLSchema,
  { document, source }: Parsed,
  { limits, introspection, suggestions }: DocumentOptions,
): readonly GraphQLError[] {
  // First: some validation rules are slow for documents that exceed the limits.
  try {
    const exceeded = exceededLimits(document, limits);
    if (exceeded.length > 0) return exceeded;
  } catch (error) {
    if (error instanceof RangeError) return [tooDeep()];
    throw error;
  }

  const conditional = conditionalSubscriptions(document);
  if (conditional.length > 0) {
    return conditional.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
  }

  const rules = [
    ...specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule),
    fieldsCanMerge(visitsPerToken * limits.tokens),
    knownOperations,
    ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
  ];
  const validation = { hideSuggestions: !suggestions, maxErrors };
  const { body } = source;
  // Some errors have thousands of nodes, of which the client gets a few. graphql-js computes the
  // locations of all of them at once, so it gets an empty text until they are chosen.
  source.body = '';
  let errors: readonly GraphQLError[];
  try {
    errors = validate(schema, document, rules, validation);
  } finally {
    source.body = body;
  }
  return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
}

const tooDeep = () => limitExceeded('MAX_DEPTH', 'The document is nested too deeply to be parsed.');

/**
 * Several times what a document needs that spreads each of its fragments in two places, since two
 * tokens make at least one selection.
 */
const visitsPerToken = 4;

// A small document can have many errors with many locations each.
const maxErrors = 20;
const maxLocations = 4;

function withCode(error: GraphQLError, code: string): GraphQLError {
  const coded = new GraphQLError(truncate(error.message), {
    nodes: error.nodes?.slice(0, maxLocations) ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions: { code, ...error.extensions },
  });
  // A stack keeps what its functions refer to in memory: 50 KB for an error of a cached document.
  coded.stack = coded.message;
  return coded;
}
