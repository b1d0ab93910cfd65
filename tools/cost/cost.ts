import {
  GraphQLError,
  type GraphQLSchema,
  Kind,
  LoneAnonymousOperationRule,
  parse,
  Source,
  specifiedRules,
  UniqueOperationNamesRule,
  validate,
} from 'graphql';
import { parseConfig } from '#src/config/config.ts';
import { worstOfAny } from '#src/graphql/complexity/worst-of-any.ts';
import { createSubgraphSchema } from '#src/graphql/schema.ts';
import { knownOperations } from '#src/graphql/document/known-operations.ts';
import { isFragment, type Parsed, operationsOf } from './operations.ts';

/** A GraphQL document. Problems refer to it by its name, such as the path of its file. */
export interface DocumentText {
  readonly name: string;
  readonly text: string;
}

/** The account for which the cost is computed. */
export interface Account {
  /** Number of instances (default 1000). */
  readonly instances?: number | undefined;
  /** Length of a list of ids that is a variable (default 1000, the server's default `MAX_IDS`). */
  readonly ids?: number | undefined;
}

export interface OperationCost {
  /** Null: the operation has no name. */
  readonly operation: string | null;
  /** The name of its document. */
  readonly document: string;
  /** Worst-case requests to EnviaAI of one run, with any variables and an empty cache. */
  readonly calls: number;
}

/** Why the cost of an operation or a document cannot be computed. */
export interface Problem {
  readonly document: string;
  readonly message: string;
  /** From 1; null: the problem concerns the whole document. */
  readonly line: number | null;
  readonly column: number | null;
}

export interface Costs {
  /** In the order of the documents, without the operations that have a problem. */
  readonly operations: readonly OperationCost[];
  readonly problems: readonly Problem[];
}

const maxNumber = 9_999_999;

/**
 * Computes the worst-case cost of each operation. Fragments may be in separate documents. A text
 * without a name is named by its position: "document 1".
 */
export function costOf(
  documents: readonly (string | DocumentText)[],
  account: Account = {},
): Costs {
  const { limits } = parseConfig({});
  const instances = wholeNumber('instances', account.instances ?? limits.assumedInstances);
  const ids = wholeNumber('ids', account.ids ?? limits.ids);

  const problems = new Map<string, Problem>();
  const note = (error: unknown, document: string) => {
    const problem = problemOf(error, document);
    problems.set(JSON.stringify(problem), problem);
  };

  const parsed = documents.map(named).flatMap(({ name, text }): Parsed[] => {
    try {
      const { definitions } = parse(new Source(text, name));
      const document = { kind: Kind.DOCUMENT, definitions } as const;
      const errors = validate(servedSchema(), document, rulesOfDocument);
      for (const error of errors) note(error, name);
      if (errors.length === 0) return [{ name, definitions }];
      // The server refuses all its operations, but other documents may use its fragments.
      return [{ name, definitions: definitions.filter(isFragment) }];
    } catch (error) {
      note(error, name);
      return [];
    }
  });
  const operations = operationsOf(parsed).flatMap(({ name, document, from }): OperationCost[] => {
    const errors = validate(servedSchema(), document, rules);
    for (const error of errors) note(error, from);
    if (errors.length > 0) return [];
    try {
      const { calls } = worstOfAny(document, { schema: servedSchema(), instances, ids });
      return [{ operation: name, document: from, calls }];
    } catch (error) {
      note(error, from);
      return [];
    }
  });
  return { operations, problems: [...problems.values()] };
}

const rules = [...specifiedRules, knownOperations];

/**
 * Rules about the operations of one document together; all other rules check one operation at a
 * time.
 */
const rulesOfDocument = [UniqueOperationNamesRule, LoneAnonymousOperationRule];

let schema: GraphQLSchema | null = null;
const servedSchema = (): GraphQLSchema => (schema ??= createSubgraphSchema());

const named = (document: string | DocumentText, at: number): DocumentText =>
  typeof document === 'string' ? { name: `document ${at + 1}`, text: document } : document;

function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1 && value <= maxNumber) return value;
  throw new RangeError(`${name} must be a whole number from 1 to ${maxNumber}`);
}

/**
 * The message is one line. The error names the document, because a fragment may be from another
 * one.
 */
function problemOf(error: unknown, document: string): Problem {
  const message = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
  if (!(error instanceof GraphQLError)) return { document, message, line: null, column: null };
  const { line = null, column = null } = error.locations?.[0] ?? {};
  return { document: error.source?.name ?? document, message, line, column };
}
