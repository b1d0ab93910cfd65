import { type DocumentNode, GraphQLError, Kind, print, visit } from 'graphql';
import { truncate } from '#src/graphql/document/truncate.ts';

/**
 * The error about a variable, for the client. graphql-js's message would repeat the value, which
 * can be very long. `argument` is the name of the first argument that the variable is passed to.
 */
export function variableError(
  error: GraphQLError,
  argumentOf: (variable: string) => string | undefined,
): GraphQLError {
  const definition = error.nodes?.find((node) => node.kind === Kind.VARIABLE_DEFINITION);
  const variable = definition?.variable.name.value;
  const argument = variable === undefined ? undefined : argumentOf(variable);
  const message =
    definition && variable !== undefined
      ? `The variable "$${variable}" must be of type ${print(definition.type)}${detailOf(error.message)}.`
      : error.message;
  return new GraphQLError(truncate(message), {
    nodes: error.nodes ?? null,
    extensions: {
      code: 'BAD_USER_INPUT',
      ...(variable !== undefined && { variable }),
      ...(argument !== undefined && { argument }),
      http: { status: 400 },
    },
  });
}

/** What graphql-js's message says besides the variable, its type and its value. */
function detailOf(message: string): string {
  if (message.endsWith(' was not provided.')) return ', but the request has no value for it';
  if (message.endsWith(' must not be null.')) return ', and not null';
  const [, path] = / at "(\w+(?:\[\d+\]|\.\w+)+)"; /.exec(message) ?? [];
  return path === undefined ? '' : `, but its value at "${path}" does not fit`;
}

/** The first argument that each variable of a document is passed to. */
export function argumentsByVariable(document: DocumentNode): ReadonlyMap<string, string> {
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
