import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { Failure } from '#src/domain/failure.ts';
import { createSizedCache } from '#src/domain/sized-cache.ts';
import type { RunnerOf } from '#src/graphql/execution/hot-documents.ts';
import { documentPlugin, type DocumentOptions, type Refuse } from './document-plugin.ts';
import type { Asked, Exchange, ServerContext } from './exchange.ts';
import { executionPlugin } from './execution-plugin.ts';
import { createFaultLog, type Log } from './fault-log.ts';
import { outcomePlugin } from './outcome-plugin.ts';
import type { Reply } from './reply.ts';
import { type TrustedDocuments, trustedPlugin } from './trusted-documents.ts';

export interface YogaParts<Context extends object> {
  readonly schema: GraphQLSchema;
  /** What resolvers get. Called once for each operation that is valid. */
  readonly contextOf: (asked: Asked) => Context;
  /** Why a valid operation is not run, judged by its variables too; null: it is run. */
  readonly refuse?: Refuse;
  /** How an operation is run; without this, all are as Yoga does by itself. */
  readonly runnerOf?: RunnerOf;
  /** The error that a client may see, made from whatever was thrown. */
  readonly tell: (error: unknown, message: string) => Error;
  readonly log: Log;
  readonly documents: DocumentOptions;
  /** What clients may name by an id; without this, nothing. */
  readonly trusted?: TrustedDocuments | null;
  /** The answer with what is to be told beside the data. */
  readonly withFacts?: (result: ExecutionResult, context: Context) => ExecutionResult;
}

export interface YogaServer<Context> {
  /** Runs what the request asks, writes down in it what became of that, and makes the answer. */
  readonly answer: (exchange: Exchange<Context>) => Promise<Reply>;
}

/** Texts of parsed documents kept, in characters. Their trees take up to 240 bytes for each of them. */
const cachedDocumentChars = 256 * 1024;

/** GraphQL Yoga, from a request's parameters to its answer. Bytes and routes are dealt with outside it. */
export function createYogaServer<Context extends object>(
  parts: YogaParts<Context>,
): YogaServer<Context> {
  const faults = createFaultLog(parts.log);
  const yoga = createYoga<ServerContext<Context>, Context>({
    schema: parts.schema,
    context: async ({ exchange }) => {
      // There is one where the shortcut was tried: what was called for then is not called for again.
      if (exchange.context) return exchange.context;
      const apiKey = exchange.operation?.reads ? await exchange.admit() : nobody();
      exchange.context = parts.contextOf({ ...exchange.asked, apiKey });
      return exchange.context;
    },
    maskedErrors: { maskError: (error, message) => parts.tell(error, message) },
    logging: {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: (error) => faults.note(error),
    },
    plugins: [
      givenParams<Context>(),
      documentPlugin(parts.documents, parts.refuse),
      outcomePlugin<Context>(faults, parts.withFacts ?? ((result) => result)),
      ...(parts.trusted ? [trustedPlugin<Context>(parts.trusted)] : []),
      ...(parts.runnerOf ? [executionPlugin<Context>(parts.runnerOf)] : []),
    ],
    parserAndValidationCache: {
      documentCache: createSizedCache(cachedDocumentChars, (text) => text.length),
      // A document that cannot be parsed is not worth remembering.
      errorCache: { get: () => undefined, set: () => {} },
    },
    maxRequestBodySize: false,
    multipart: false,
    batching: false,
    graphiql: false,
    landingPage: false,
    cors: false,
  });

  return {
    async answer(exchange) {
      const { accept = '*/*', method } = exchange;
      const url = 'http://localhost/graphql';
      const request = new yoga.fetchAPI.Request(url, { method, headers: { accept } });
      const response = await yoga.fetch(request, { exchange });
      const headers = Object.fromEntries(response.headers);
      return { status: response.status, headers, body: await response.text() };
    },
  };
}

/** What reads nothing is nobody's: it is neither verified nor counted. */
const nobody = () => new Failure('unauthorized', 'Nobody was asked for');

/** Gives Yoga the parameters as they were read from the request, in place of its own reading. */
const givenParams = <Context>(): Plugin<object, ServerContext<Context>> => ({
  onRequestParse({ serverContext, setRequestParser }) {
    setRequestParser(() => serverContext.exchange.params);
  },
});
