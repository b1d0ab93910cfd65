import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  parse,
  type Source,
  specifiedRules,
  validate,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { brief } from './brief.ts';
import { hasNone, knownOperations } from './document-operations.ts';
import { type DocumentLimits, exceededLimits, limitError } from './document-limits.ts';

export interface DocumentOptions {
  readonly limits: DocumentLimits;
  readonly introspection: boolean;
  /** Whether errors propose names of the schema: "Did you mean …?" */
  readonly suggestions: boolean;
}

/** Why an operation is not run; null: it is. Its variables are as they came. */
export type Refuse = (
  asking: Pick<ExecutionArgs, 'schema' | 'document' | 'operationName'> & {
    readonly variables: ExecutionArgs['variableValues'];
  },
) => GraphQLError | null;

/** Parses and validates documents: within the limits, and with a code on every error. */
export function documentPlugin(options: DocumentOptions, refuse: Refuse = () => null): Plugin {
  let hasMutations = false;
  return {
    onSchemaChange({ schema }) {
      hasMutations = Boolean(schema.getMutationType());
    },
    onParse({ setParseFn }) {
      setParseFn((source) => parseDocument(source, options.limits.tokens));
    },
    onValidate({ setValidationFn }) {
      setValidationFn((schema, document) => validateDocument(schema, document, options));
    },
    onExecute({ args, setResultAndStopExecution }) {
      const error = refuse({ ...args, variables: args.variableValues });
      if (error) setResultAndStopExecution({ errors: [error] });
    },
    onExecutionResult(executed) {
      const { result } = executed;
      if (hasMutations || !result || Symbol.asyncIterator in result || !result.errors) return;
      // Yoga asks for a mutation by POST, whether or not there are any.
      const errors = result.errors.map((error) =>
        isMutationByGet(error) ? noMutations(error) : error,
      );
      executed.setResult({ ...result, errors });
    },
  };
}

/** What would be wrong with a document if a client asked with it; the operation is its first, if it has one. */
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

function parseDocument(source: string | Source, maxTokens: number): DocumentNode {
  try {
    return parse(source, { maxTokens });
  } catch (error) {
    if (error instanceof RangeError) {
      throw limitError('MAX_DEPTH', 'The document is nested too deeply to be read.');
    }
    if (!(error instanceof GraphQLError)) throw error;
    // graphql-js tells these two apart by their words only.
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
  // Before the rules of the language: some of those take long over what the limits refuse.
  const exceeded = exceededLimits(document, limits);
  if (exceeded.length > 0) return exceeded;

  const rules = [
    ...specifiedRules,
    knownOperations,
    ...(introspection ? [] : [NoSchemaIntrospectionCustomRule]),
  ];
  const found = { hideSuggestions: !suggestions, maxErrors: mostErrors };
  return validate(schema, document, rules, found).map((error) =>
    withCode(error, 'GRAPHQL_VALIDATION_FAILED'),
  );
}

// A small document can have a great many mistakes, each of them in a great many places.
const mostErrors = 20;
const mostPlaces = 4;

// Of all there is, only the method can be what is not allowed.
const isMutationByGet = ({ extensions }: GraphQLError): boolean => extensions.http?.status === 405;

const noMutations = ({ extensions }: GraphQLError) =>
  new GraphQLError(hasNone('mutation'), { extensions });

const withCode = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(brief(error.message), {
    nodes: error.nodes?.slice(0, mostPlaces) ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    extensions: { code },
  });
