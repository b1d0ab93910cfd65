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

/** A text of GraphQL, and what problems call it: the path of its file, say. */
export interface DocumentText {
  readonly name: string;
  readonly text: string;
}

/** What operations are reckoned for. */
export interface Account {
  /** How many instances it has; 1000 unless it is said. */
  readonly instances?: number | undefined;
  /** How many ids a list of them has that is a variable; 1000 unless it is said, the most that a server takes. */
  readonly ids?: number | undefined;
}

export interface OperationCost {
  /** Its name; null: it has none. */
  readonly operation: string | null;
  /** The document it is in. */
  readonly document: string;
  /** The most requests to EnviaAI that it can cause when it is run once, whatever its variables, with nothing in the server's memory. */
  readonly calls: number;
}

/** Why the cost of something cannot be told. */
export interface Problem {
  readonly document: string;
  readonly message: string;
  /** Where in its text, from 1 on; null: it is about the whole of it. */
  readonly line: number | null;
  readonly column: number | null;
}

export interface Costs {
  /** One for each operation, in the order of the documents, without those that have a problem. */
  readonly operations: readonly OperationCost[];
  readonly problems: readonly Problem[];
}

const most = 9_999_999;

/**
 * What each operation of these documents can cost at most. Fragments may stand in documents of their own.
 * A text without a name is called by its number: "document 1".
 */
export function costOf(
  documents: readonly (string | DocumentText)[],
  account: Account = {},
): Costs {
  const { limits } = parseConfig({});
  const instances = whole('instances', account.instances ?? limits.assumedInstances);
  const ids = whole('ids', account.ids ?? limits.ids);

  const problems = new Map<string, Problem>();
  const note = (error: unknown, document: string) => {
    const problem = problemOf(error, document);
    problems.set(JSON.stringify(problem), problem);
  };

  const parsed = documents.map(named).flatMap(({ name, text }): Parsed[] => {
    try {
      const { definitions } = parse(new Source(text, name));
      const document = { kind: Kind.DOCUMENT, definitions } as const;
      const mistakes = validate(servedSchema(), document, rulesOfSeveral);
      for (const mistake of mistakes) note(mistake, name);
      if (mistakes.length === 0) return [{ name, definitions }];
      // None of its operations would be run; its fragments may be others' too.
      return [{ name, definitions: definitions.filter(isFragment) }];
    } catch (error) {
      note(error, name);
      return [];
    }
  });
  const operations = operationsOf(parsed).flatMap(({ name, document, from }): OperationCost[] => {
    const mistakes = validate(servedSchema(), document, rules);
    for (const mistake of mistakes) note(mistake, from);
    if (mistakes.length > 0) return [];
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

/** Of operations beside each other, which are looked at one by one otherwise. */
const rulesOfSeveral = [UniqueOperationNamesRule, LoneAnonymousOperationRule];

let schema: GraphQLSchema | null = null;
const servedSchema = (): GraphQLSchema => (schema ??= createSubgraphSchema());

const named = (document: string | DocumentText, at: number): DocumentText =>
  typeof document === 'string' ? { name: `document ${at + 1}`, text: document } : document;

function whole(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`${name} must be a whole number from 1 to ${most}`);
}

/** In one line; where it is, if the error tells: a fragment may be from another document. */
function problemOf(error: unknown, document: string): Problem {
  const message = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
  if (!(error instanceof GraphQLError)) return { document, message, line: null, column: null };
  const { line = null, column = null } = error.locations?.[0] ?? {};
  return { document: error.source?.name ?? document, message, line, column };
}
