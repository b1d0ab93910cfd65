import {
  type DocumentNode,
  type ExecutionArgs,
  type FragmentDefinitionNode,
  getOperationAST,
  getVariableValues,
  GraphQLIncludeDirective,
  type GraphQLSchema,
  GraphQLSkipDirective,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import type { Earlier } from './pieces.ts';
import { type Plan, planOf } from './plan.ts';
import { type Outcome, runPlan } from './run.ts';

/** How an operation is run by a plan; null: the library's executor runs it. */
export type RunnerOf = (args: ExecutionArgs) => Runner | null;

/** Of the last answer to the same, with the same variables, what can stand still is not made again. */
export type Runner = (earlier?: Earlier) => Outcome | Promise<Outcome>;

/** What is kept of a document that was asked for before. It goes when the parsed document goes. */
interface Hot {
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** The variables that say which fields run: each combination of them has a plan of its own. */
  readonly conditions: readonly string[];
  /** Variables as they came, and as an operation takes them. A body that is known again brings the same. */
  readonly coerced: WeakMap<object, Coerced>;
  /** Null: it is never run by a plan. */
  readonly plans: Map<string, Plan | null>;
  /** How large further plans may be, together. */
  sizeLeft: number;
}

interface Coerced {
  readonly operation: OperationDefinitionNode;
  /** Undefined: they do not fit. */
  readonly values: Record<string, unknown> | undefined;
}

// A field takes three characters of a text at least: what is above that comes of fragments, and of conditions.
const sizePerChar = 0.5;

/** Runs by a plan what is asked for again and again. What is asked for once or twice is not worth its memory. */
export function createHotDocuments(runsBefore = 2): RunnerOf {
  const runs = new WeakMap<DocumentNode, number>();
  const hotOnes = new WeakMap<DocumentNode, Hot>();

  return ({ schema, document, operationName, variableValues, rootValue, contextValue }) => {
    const ran = runs.get(document) ?? 0;
    if (ran < runsBefore) {
      runs.set(document, ran + 1);
      return null;
    }
    const operation = getOperationAST(document, operationName);
    if (!operation) return null;
    const hot = hotOnes.get(document) ?? hotOf(document);
    hotOnes.set(document, hot);
    // What is wrong with variables is for the library's executor to say.
    const coerced = coercedOnce(hot, schema, operation, variableValues ?? {});
    if (!coerced) return null;
    const plan = keptPlan(hot, schema, operation, coerced);
    if (!plan) return null;
    const { fragments } = hot;
    return (earlier) =>
      runPlan(plan, {
        schema,
        operation,
        fragments,
        variableValues: coerced,
        rootValue,
        contextValue,
        earlier,
      });
  };
}

const conditional = new Set([GraphQLSkipDirective.name, GraphQLIncludeDirective.name]);

function hotOf(document: DocumentNode): Hot {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const conditions = new Set<string>();
  let strange = false;
  visit(document, {
    FragmentDefinition: (fragment) => void fragments.set(fragment.name.value, fragment),
    Directive: ({ name, arguments: args = [] }) => {
      strange ||= !conditional.has(name.value);
      for (const { value } of args) {
        if (value.kind === Kind.VARIABLE) conditions.add(value.name.value);
      }
    },
  });
  return {
    fragments: Object.fromEntries(fragments),
    conditions: [...conditions],
    coerced: new WeakMap(),
    plans: new Map(),
    sizeLeft: strange ? 0 : (document.loc?.end ?? 0) * sizePerChar,
  };
}

function coercedOnce(
  { coerced }: Hot,
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Coerced['values'] {
  const known = coerced.get(variables);
  if (known?.operation === operation) return known.values;
  const definitions = operation.variableDefinitions ?? [];
  // One error is enough to leave the operation to the library, which words it. Without a bound, 1 MB of
  // variables that do not fit holds the event loop for half a minute.
  const { coerced: values } = getVariableValues(schema, definitions, variables, { maxErrors: 1 });
  coerced.set(variables, { operation, values });
  return values;
}

function keptPlan(
  hot: Hot,
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
): Plan | null {
  const { fragments, conditions, plans, sizeLeft } = hot;
  // In another operation of the document, the same name may be that of another type.
  const values = conditions.map((name) =>
    variables[name] === true || variables[name] === false ? variables[name] : null,
  );
  const key = [operation.name?.value, ...values].join(' ');
  const kept = plans.get(key);
  if (kept !== undefined || sizeLeft <= 0) return kept ?? null;
  const resolved = { fragments: new Map(Object.entries(fragments)), variables };
  const plan = planOrNull(schema, operation, resolved, sizeLeft);
  hot.sizeLeft -= plan?.size ?? 1;
  plans.set(key, plan);
  return plan;
}

function planOrNull(...parts: Parameters<typeof planOf>): Plan | null {
  try {
    return planOf(...parts);
  } catch {
    return null;
  }
}
