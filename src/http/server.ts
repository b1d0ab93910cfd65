import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { MemoryUsage } from '#src/domain/memory-usage.ts';
import type { Span } from '#src/domain/span.ts';
import type { DocumentLimits } from '#src/graphql/document/limits.ts';
import { createParsedDocuments } from '#src/graphql/document/parsed-documents.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';
import type { Callers } from './auth/callers.ts';
import { createAnswerClientError, refuseConnect } from './connection/client-error.ts';
import { createDrain, type Drain } from './connection/drain.ts';
import { type Address, listen, type Listening } from './connection/listen.ts';
import {
  type ConnectionTimeouts,
  connectionTimeouts,
  createServerWithTimeouts,
} from './connection/timeouts.ts';
import type { OperationSummary } from './operation/operation-summary.ts';
import type { TrustedDocumentSet } from './operation/trusted-document-set.ts';
import { createYogaServer, type YogaParts } from './operation/yoga.ts';
import { type AssertHost, createAssertHost } from './request/allowed-hosts.ts';
import { createAssertOwnPage } from './request/foreign-page.ts';
import type { CacheRules } from './response-cache/cache-rules.ts';
import { createResponseCache, type ResponseCache } from './response-cache/response-cache.ts';
import type { Cors } from './response/cors.ts';
import { createErrorLog, type ErrorLog, type Logger } from './response/error-log.ts';
import { HttpError } from './response/http-error.ts';
import {
  createSubscriptions,
  type LiveRules,
  type Subscriptions,
} from './stream/run-subscription.ts';
import { createGraphiQL } from './routes/graphiql.ts';
import type { GraphiQLOptions } from './routes/graphiql-page.ts';
import { graphqlRoute } from './routes/graphql.ts';
import type { StoreState } from './routes/health.ts';
import type { ReadMetrics } from './routes/metrics-page.ts';
import { createRequestListener, type RequestListener } from './routes/request-listener.ts';
import { createRouteTable } from './routes/route-table.ts';
import type { Route } from './routes/router.ts';
import { createRunOperation } from './routes/run-operation.ts';
import type { Webhooks } from './routes/webhooks.ts';

export interface HttpOptions {
  /**
   * Turns off what only developers need: names of the schema in error messages ("Did you mean …?"),
   * the redirect from `/` to GraphiQL, and the path of the endpoint in 404 responses.
   */
  readonly production: boolean;
  readonly limits: DocumentLimits & {
    readonly bodyBytes: number;
    readonly ids: number;
    readonly fields: number;
  };
  readonly cors: Cors;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly requestTimeoutMs: number;
  /** What GraphiQL says about the key that a caller has to send. */
  readonly graphiqlKey: GraphiQLOptions;
  /** Whether operations run without a credential (`AUTH=none`, or a key of the sandbox). */
  readonly isOpen: boolean;
  readonly listen: Pick<Address, 'host'>;
  /** The start of the paths of requests that a proxy passes on unchanged, such as `/api`. */
  readonly pathPrefix: string;
  /** The names that `Host` may have where no credential is asked for; see `allowed-hosts.ts`. */
  readonly allowedHosts: readonly string[];
}

export interface HttpParts<Context extends object> extends Pick<
  YogaParts<Context>,
  'schema' | 'contextOf' | 'costOf' | 'check' | 'maskError' | 'withExtensions'
> {
  readonly options: HttpOptions;
  /** The version of this server, for `/healthz`. */
  readonly version: string;
  readonly log: Logger;
  readonly callers: Pick<Callers, 'admit'>;
  /** Documents that clients may send by their id. Null by default: none. */
  readonly trustedDocuments?: TrustedDocumentSet | null;
  /** Without this, every operation is executed. */
  readonly cache?: CacheRules<Context>;
  /** What subscriptions need. */
  readonly live: LiveRules<Context>;
  /** The `Cache-Control` of a response without errors. By default, `no-store`. */
  readonly cacheControlOf?: (cost: ReadCost | null) => string;
  /**
   * Called once for each operation, after its response was sent. The cost is null if it read
   * nothing.
   */
  readonly onFinished: (operation: OperationSummary, cost: ReadCost | null) => void;
  /** Called for each request that ended by a fault of this server; it is no finished operation. */
  readonly onFault?: () => void;
  /** Starts the span of an operation, as a child of `traceparent`. Without this, none is traced. */
  readonly startSpan?: ((traceparent: string | undefined) => Span) | undefined;
  /** The outcome of the last connection to the upstream. */
  readonly reachability: () => 'reachable' | 'unreachable';
  /** Without this, `/readyz` does not report the store. */
  readonly storeState?: () => StoreState;
  /** Without this, there is no `/metrics`. */
  readonly readMetrics?: ReadMetrics;
  /** Without this, no account has a webhook. */
  readonly webhooks?: Webhooks;
  /** Registers the caches of documents and bodies with the metrics. */
  readonly trackBytes?: MemoryUsage['trackBytes'];
  /** Registers the executions in progress with the metrics. */
  readonly trackEntries?: MemoryUsage['trackEntries'];
  /** For tests: other limits than {@link connectionTimeouts}. */
  readonly timeouts?: ConnectionTimeouts;
}

export interface HttpServer {
  readonly server: Server;
  /** Size of the response cache. */
  readonly cachedResponsesBytes: () => number;
  /** Open streams of subscriptions. */
  readonly streams: () => number;
  readonly listen: (address: Address) => Promise<Listening>;
  /**
   * Graceful shutdown: stops accepting connections, ends all streams, and waits up to `graceMs`
   * for requests in progress.
   */
  readonly close: (graceMs: number) => Promise<void>;
}

/** Everything between the sockets and the GraphQL schema. */
export function createHttpServer<Context extends object>(parts: HttpParts<Context>): HttpServer {
  const { options, timeouts = connectionTimeouts } = parts;
  const errorLog = createErrorLog(parts.log);
  const server = createServerWithTimeouts(timeouts, options.requestTimeoutMs);
  const drain = createDrain(server);
  const { host: listenHost } = options.listen;
  const assertHost = createAssertHost({ listenHost, allowedHosts: options.allowedHosts });
  const { graphql, responseCache, subscriptions } = createGraphql(parts, { errorLog, assertHost });
  const routes = createRouteTable({
    production: options.production,
    pathPrefix: options.pathPrefix,
    graphql,
    assertHost,
    version: parts.version,
    readiness: {
      isReady: () => server.listening && !drain.isClosing(),
      reachability: parts.reachability,
      storeState: parts.storeState,
    },
    readMetrics: parts.readMetrics,
    webhooks: parts.webhooks,
  });
  const { cors } = options;
  const { onFault = () => {} } = parts;
  const { handle, refuse } = createRequestListener({ routes, cors, errorLog, onFault });
  listenToRequests(server, { cors, drain, handle, refuse });

  return {
    server,
    cachedResponsesBytes: () => responseCache?.bytes() ?? 0,
    streams: subscriptions.count,
    listen: (address) => listen(server, address),
    async close(graceMs) {
      await Promise.all([drain.close(graceMs), subscriptions.shutDown()]);
    },
  };
}

/** Answers whatever arrives at the server, also what is not a request that it can handle. */
function listenToRequests(
  server: Server,
  { cors, drain, handle, refuse }: RequestListener & { readonly cors: Cors; readonly drain: Drain },
): void {
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    drain.track(request, response);
    void handle(request, response);
  };
  server.on('request', onRequest);
  // A request with `Expect: 100-continue`; `readBody` sends the 100.
  server.on('checkContinue', onRequest);
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    drain.track(request, response);
    const message = 'The only value of Expect that this server supports is 100-continue.';
    refuse(request, response, new HttpError(417, message));
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    // Of a client that has gone.
    socket.on('error', () => socket.destroy());
    if (drain.pendingOn(socket).length > 0) socket.destroy();
    else refuseConnect(socket, request, cors);
  });
  const { pendingOn } = drain;
  server.on('clientError', createAnswerClientError({ cors, pendingOn, refuse }));
}

interface Graphql {
  readonly graphql: Route;
  readonly responseCache: ResponseCache | undefined;
  readonly subscriptions: Subscriptions;
}

/** The GraphQL endpoint: documents, response cache, Yoga and GraphiQL. */
function createGraphql<Context extends object>(
  parts: HttpParts<Context>,
  { errorLog, assertHost }: { readonly errorLog: ErrorLog; readonly assertHost: AssertHost },
): Graphql {
  const { options, cache, trustedDocuments = null } = parts;
  const { production, limits, introspection } = options;
  const suggestions = !production;
  const documents = createParsedDocuments(parts.schema, { limits, introspection, suggestions });
  parts.trackBytes?.('documents', documents.bytes);
  const responseCache = cache && createResponseCache({ ...parts, cache, documents, errorLog });
  const subscriptions = createSubscriptions({ ...parts, errorLog, suggestions });
  const runOperation = createRunOperation({
    documents,
    trustedDocuments,
    callers: parts.callers,
    yoga: createYogaServer({ ...parts, errorLog, suggestions }),
    responseCache,
    subscriptions,
    requestTimeoutMs: options.requestTimeoutMs,
    cacheControlOf: parts.cacheControlOf ?? (() => 'no-store'),
    onFinished: parts.onFinished,
    startSpan: parts.startSpan,
  });
  const graphql = graphqlRoute({
    runOperation,
    cors: options.cors,
    assertHost: options.isOpen ? assertHost : null,
    assertOwnPage: createAssertOwnPage(options),
    maxBodyBytes: limits.bodyBytes,
    params: { byId: trustedDocuments !== null, maxValues: maxValuesOf(limits) },
    trackBytes: parts.trackBytes,
    graphiql: options.graphiql ? createGraphiQL(options.graphiqlKey) : null,
  });
  return { graphql, responseCache, subscriptions };
}

/**
 * The limit on the values of variables. Each id of a list gives at least one field of the response,
 * and each reference of `_entities` consists of three values.
 */
const maxValuesOf = ({ fields, ids }: HttpOptions['limits']): number => Math.max(fields, 4 * ids);
