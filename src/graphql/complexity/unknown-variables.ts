import {
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  GraphQLBoolean,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  isEnumType,
  isInputType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  typeFromAST,
  visit,
} from 'graphql';

type Values = readonly (readonly [name: string, value: unknown])[];

/**
 * What an operation could be sent with, as far as its calls go: each variable dear by itself (a full page,
 * a place and ids that no other names), and where one can be null or has few values, each of those.
 */
export function* variablesToTry(
  { schema, document }: { readonly schema: GraphQLSchema; readonly document: DocumentNode },
  operation: OperationDefinitionNode,
  ids: number,
): Generator<Readonly<Record<string, unknown>>> {
  const atTop = variablesAtTop(document);
  const choices = (operation.variableDefinitions ?? []).map(({ variable, type: node }, place) => {
    const name = variable.name.value;
    const type = typeFromAST(schema, node);
    const values = isInputType(type) ? valuesOf(type, `v${place}`, ids) : [];
    return values
      .slice(0, atTop.has(name) ? undefined : 1)
      .map((value): Values[number] => [name, value]);
  });
  for (const values of combinations(choices)) yield Object.fromEntries(values);
}

/** Those that tell which fields run at the top, and with what. */
function variablesAtTop(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    SelectionSet: (_, __, parent) =>
      parent && 'kind' in parent && parent.kind === Kind.FIELD ? false : undefined,
    Variable: ({ name }) => void names.add(name.value),
  });
  return names;
}

function valuesOf(type: GraphQLInputType, own: string, ids: number): readonly unknown[] {
  if (isNonNullType(type)) return valuesThatAre(type.ofType, own, ids);
  const values = valuesThatAre(type, own, ids);
  // No field takes a condition, and no directive null for one: the operation would be refused.
  return type === GraphQLBoolean ? values : [...values, null];
}

function valuesThatAre(type: GraphQLInputType, own: string, ids: number): readonly unknown[] {
  if (isListType(type)) {
    return [
      Array.from({ length: ids }, (_, place) => valuesOf(type.ofType, `${own}_${place}`, ids)[0]),
    ];
  }
  if (isEnumType(type)) return type.getValues().map(({ name }) => name);
  if (type === GraphQLBoolean) return [true, false];
  if (type === GraphQLInt) return [100];
  if (type === GraphQLString || type === GraphQLID) return [own];
  return [{ __typename: 'Instance', id: own }];
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
