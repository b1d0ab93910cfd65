import {
  createSourceEventStream,
  execute,
  type ExecutionArgs,
  GraphQLError,
  getOperationAST,
  locatedError,
} from 'graphql';
import type { LiveSource, WriteEvent } from '#src/domain/live-source.ts';
import { isField, rootSelectionsOf } from '#src/graphql/document/root-selections.ts';
import { LiveStream } from '#src/graphql/live-stream.ts';
import { withCode } from '#src/http/operation/use-outcome.ts';
import { createVariableErrors } from '#src/http/operation/variable-error.ts';
import type { ErrorLog } from '#src/http/response/error-log.ts';
import type { EncodedEvent } from './open-stream.ts';
import type { StreamFormat } from './stream-format.ts';

export interface SubscribedOperationParts {
  readonly args: Omit<ExecutionArgs, 'rootValue'>;
  readonly maskError: (error: unknown) => GraphQLError;
  readonly errorLog: ErrorLog;
  readonly requestId: string;
  /** Whether errors name what the schema has in place of a wrong name or value. */
  readonly suggestions: boolean;
}

/** The operation of a cohort, as graphql-js executes it. */
export interface SubscribedOperation {
  /** Rejects with what makes it impossible to subscribe: see `errorsOf`. */
  readonly subscribe: () => Promise<LiveSource<unknown>>;
  /** The result for an event, as bytes. */
  readonly encode: (event: unknown) => Promise<EncodedEvent>;
  /** The result for an event, as text. Errors in it are neither masked nor logged. */
  readonly write: WriteEvent<unknown>;
  /** The errors that the clients get when subscribing or watching fails. */
  readonly errorsOf: (failure: unknown) => readonly GraphQLError[];
}

/** Errors of graphql-js: the field refused to subscribe, or a variable is not of its type. */
class SubscribeErrors extends Error {
  override readonly name = 'SubscribeErrors';
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super('The operation cannot be subscribed to');
    this.errors = errors;
  }
}

export function createSubscribedOperation(parts: SubscribedOperationParts): SubscribedOperation {
  const { args, maskError, errorLog, requestId, suggestions } = parts;
  const { schema, document, operationName } = args;

  const publicError = (error: GraphQLError): GraphQLError => {
    errorLog.record(error, { requestId });
    return withoutStatus(withCode(maskError(error)));
  };
  /** At the path of the field, of which a subscription has one. */
  function atField(error: unknown): GraphQLError {
    const operation = getOperationAST(document, operationName);
    const field = operation ? rootSelectionsOf(document, operation).find(isField) : undefined;
    const name = field?.alias ?? field?.name;
    return locatedError(error, field, name && [name.value]);
  }

  return {
    async subscribe() {
      const stream = await createSourceEventStream(args);
      if (stream instanceof LiveStream) return stream.source;
      if ('errors' in stream) throw new SubscribeErrors(stream.errors ?? []);
      throw new Error('The field of the subscription has no live source');
    },
    async encode(event) {
      const { data, errors } = await execute({ ...args, rootValue: event });
      const json = JSON.stringify({ ...(errors && { errors: errors.map(publicError) }), data });
      const bytes = new Map<StreamFormat, Buffer>();
      return (format) => {
        const known = bytes.get(format);
        if (known) return known;
        const encoded = Buffer.from(format.event(json));
        bytes.set(format, encoded);
        return encoded;
      };
    },
    async write(event) {
      const { data, errors } = await execute({ ...args, rootValue: event });
      return JSON.stringify([data, errors?.map(({ path, message }) => [path, message])]);
    },
    errorsOf(failure) {
      if (!(failure instanceof SubscribeErrors)) return [publicError(atField(failure))];
      const variableError = createVariableErrors({ schema, document, suggestions });
      return failure.errors.map((error) =>
        error.path ? publicError(error) : withoutStatus(variableError(error)),
      );
    },
  };
}

/** Without the status for Yoga, which removes it from the responses that it sends. */
function withoutStatus(error: GraphQLError): GraphQLError {
  const { http, ...extensions } = error.extensions;
  if (http === undefined) return error;
  const { message, nodes, source, positions, path, originalError } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    originalError: originalError ?? null,
    extensions,
  });
}
