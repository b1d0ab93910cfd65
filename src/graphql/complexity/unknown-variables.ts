import {
  type DocumentNode,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  GraphQLBoolean,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  isEnumType,
  isInputObjectType,
  isInputType,
  isRequiredInputField,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  typeFromAST,
  visit,
} from 'graphql';
import { type NamedNoun, nounsOf } from '#src/graphql/node/nouns.ts';

type Values = readonly (readonly [name: string, value: unknown])[];

export interface VariableScope {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
}

/**
 * The combinations of variables that can be the most expensive ones in upstream calls. Each
 * variable has its most expensive value: a full page, or a cursor and ids that no other variable
 * has. A variable of a root field or of a condition there also has null and its other possible
 * values.
 */
export function* variablesToTry(
  { schema, document }: VariableScope,
  operation: OperationDefinitionNode,
  idsPerList: number,
): Generator<Readonly<Record<string, unknown>>> {
  const rootVariables = rootVariablesOf(document);
  const nouns = nounsOf(schema);
  const choices = (operation.variableDefinitions ?? []).map(({ variable, type: node }, index) => {
    const name = variable.name.value;
    const type = typeFromAST(schema, node);
    const samples = { text: `v${index}`, nouns, idsPerList };
    const values = isInputType(type) ? valuesOf(type, samples) : [];
    return values
      .slice(0, rootVariables.has(name) ? undefined : 1)
      .map((value): Values[number] => [name, value]);
  });
  for (const values of combinations(choices)) yield Object.fromEntries(values);
}

/** The variables of root fields: in their arguments and in the conditions at the root. */
function rootVariablesOf(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    SelectionSet: (_, __, parent) =>
      parent && 'kind' in parent && parent.kind === Kind.FIELD ? false : undefined,
    Variable: ({ name }) => void names.add(name.value),
  });
  return names;
}

/** What the values of one variable are made from. */
interface Samples {
  /** A text that no other variable has. */
  readonly text: string;
  readonly nouns: readonly NamedNoun[];
  readonly idsPerList: number;
}

function valuesOf(type: GraphQLInputType, samples: Samples): readonly unknown[] {
  if (isNonNullType(type)) return nonNullValuesOf(type.ofType, samples);
  const values = nonNullValuesOf(type, samples);
  // Only `@skip` and `@include` take a Boolean; null there is an error.
  return type === GraphQLBoolean ? values : [...values, null];
}

function nonNullValuesOf(type: GraphQLInputType, samples: Samples): readonly unknown[] {
  if (isListType(type)) return [itemsOf(type.ofType, samples)];
  if (isInputObjectType(type)) return [objectOf(type, samples)];
  if (isEnumType(type)) return type.getValues().map(({ name }) => name);
  if (type === GraphQLBoolean) return [true, false];
  if (type === GraphQLInt) return [100];
  if (type === GraphQLString) return [samples.text];
  const { nouns, text } = samples;
  const ids = nouns.map(({ typename, noun }) => ({
    __typename: typename,
    id: noun.idPrefix + text,
  }));
  return type === GraphQLID ? ids.map(({ id }) => id) : ids;
}

/**
 * A list with `idsPerList` items of each noun: at least as expensive as any list of that length.
 */
function itemsOf(type: GraphQLInputType, { text, ...samples }: Samples): readonly unknown[] {
  const item = isNonNullType(type) ? type.ofType : type;
  return Array.from({ length: samples.idsPerList }, (_, index) =>
    nonNullValuesOf(item, { ...samples, text: `${text}_${index}` }),
  ).flat();
}

/** An input object with its required fields: the fields of one decide nothing about the calls. */
function objectOf(
  type: GraphQLInputObjectType,
  samples: Samples,
): Readonly<Record<string, unknown>> {
  const required = Object.values(type.getFields()).filter(isRequiredInputField);
  return Object.fromEntries(
    required.map((field) => [field.name, valuesOf(field.type, samples)[0]]),
  );
}

function* combinations(choices: readonly Values[]): Generator<Values> {
  const [first, ...others] = choices;
  if (!first) {
    yield [];
    return;
  }
  for (const rest of combinations(others)) {
    for (const value of first) yield [value, ...rest];
  }
}
