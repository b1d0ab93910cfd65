import {
  type DocumentNode,
  getNamedType,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  Kind,
  print,
  typeFromAST,
  type VariableDefinitionNode,
  visit,
} from 'graphql';
import { truncate } from '#src/graphql/document/truncate.ts';

export interface VariableErrorOptions {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  /** Whether messages list the values of an enum, and fields with similar names. */
  readonly suggestions: boolean;
}

/**
 * Turns graphql-js's errors about variables into those for the client. graphql-js's messages would
 * repeat the value, which can be very long. `argument` is the name of the first argument that the
 * variable is passed to.
 */
export function createVariableErrors({
  schema,
  document,
  suggestions,
}: VariableErrorOptions): (error: GraphQLError) => GraphQLError {
  const argumentByVariable = argumentsByVariable(document);
  return (error) => {
    const definition = error.nodes?.find((node) => node.kind === Kind.VARIABLE_DEFINITION);
    const variable = definition?.variable.name.value;
    const argument = variable === undefined ? undefined : argumentByVariable.get(variable);
    const message = definition ? messageOf(error, definition) : error.message;
    return new GraphQLError(truncate(message), {
      nodes: error.nodes ?? null,
      extensions: {
        code: 'BAD_USER_INPUT',
        ...(variable !== undefined && { variable }),
        ...(argument !== undefined && { argument }),
        http: { status: 400 },
      },
    });
  };

  function messageOf(error: GraphQLError, { variable, type }: VariableDefinitionNode): string {
    const { value: name } = variable.name;
    const declared = typeFromAST(schema, type);
    const path = pathOf(error, name);
    const expected = isInputType(declared) ? typeAt(declared, path) : undefined;
    const start = `The variable "$${name}" must be of type ${print(type)}`;
    const place =
      path === '' ? '' : `, and its value at "${name}${path}" of type ${String(expected)}`;
    return `${start}${place}${detailOf(error, expected)}`;
  }

  /** The end of the message. */
  function detailOf(
    { message, originalError }: GraphQLError,
    expected: GraphQLInputType | undefined,
  ): string {
    if (originalError) return detailOfValue(originalError.message, expected);
    if (message.endsWith(' was not provided.')) return ', but the request has no value for it.';
    return message.endsWith(' must not be null.') ? ', and not null.' : '.';
  }

  /** `message` is what graphql-js says about a value that is not of the type. */
  function detailOfValue(message: string, expected: GraphQLInputType | undefined): string {
    const type = expected && getNamedType(expected);
    if (isInputObjectType(type)) {
      // It names fields and types, and no values. Yoga's executor cannot leave out the suggestions.
      return `: ${suggestions ? message : message.replace(/ Did you mean .*$/s, '')}`;
    }
    if (!isEnumType(type) || !suggestions) return '.';
    const names = type.getValues().map(({ name }) => name);
    return `: one of ${names.join(', ')}.`;
  }
}

/** Where the wrong value is inside the variable, such as `.settings.autoRead` or `[1]`. */
function pathOf({ message, originalError }: GraphQLError, variable: string): string {
  const detail = originalError ? `; ${originalError.message}` : '';
  const place = message.slice(0, message.length - detail.length);
  const [, root, path] = / at "(\w+)((?:\[\d+\]|\.\w+)+)"$/.exec(place) ?? [];
  return path === undefined || root !== variable ? '' : path;
}

/** The type of the value at a path inside a value of `type`. */
function typeAt(type: GraphQLInputType, path: string): GraphQLInputType | undefined {
  const keys = [...path.matchAll(/\[\d+\]|\.(\w+)/g)].map(([, field]) => field);
  return keys.reduce<GraphQLInputType | undefined>(typeInside, type);
}

/** `field` is undefined for an item of a list. */
function typeInside(
  type: GraphQLInputType | undefined,
  field: string | undefined,
): GraphQLInputType | undefined {
  const nullable = isNonNullType(type) ? type.ofType : type;
  if (field === undefined) return isListType(nullable) ? nullable.ofType : undefined;
  // Where a list is expected, one object is a list of one, and has no index in the path.
  const object = nullable && getNamedType(nullable);
  return isInputObjectType(object) ? object.getFields()[field]?.type : undefined;
}

/** The first argument that each variable of a document is passed to. */
function argumentsByVariable(document: DocumentNode): ReadonlyMap<string, string> {
  const byVariable = new Map<string, string>();
  visit(document, {
    Argument({ name, value }) {
      visit(value, {
        Variable(variable) {
          if (!byVariable.has(variable.name.value)) {
            byVariable.set(variable.name.value, name.value);
          }
        },
      });
    },
  });
  return byVariable;
}
