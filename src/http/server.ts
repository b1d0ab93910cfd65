import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Span } from '#src/domain/span.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';
import type { Callers } from './auth/callers.ts';
import { answerClientError } from './connection/client-error.ts';
import { type Cors, corsHeaders } from './response/cors.ts';
import {
  createParsedDocuments,
  type ParsedDocuments,
} from '#src/graphql/document/parsed-documents.ts';
import type { TrustedDocuments } from './operation/trusted-documents.ts';
import type { DocumentLimits } from '#src/graphql/document/limits.ts';
import { createDrain } from './connection/drain.ts';
import { createErrorLog, type ErrorLog, type Log } from './response/error-log.ts';
import type { OperationSummary } from './operation/operation-summary.ts';
import { createGraphiQL } from './routes/graphiql.ts';
import { graphqlRoute } from './routes/graphql.ts';
import { healthRoute, readinessRoute, type StoreState } from './routes/health.ts';
import { type Address, listen, type Listening } from './connection/listen.ts';
import { type MetricsPage, metricsRoute } from './routes/metrics-page.ts';
import {
  createServerWithTimeouts,
  type ConnectionTimeouts,
  connectionTimeouts,
} from './connection/timeouts.ts';
import { HttpError } from './response/http-error.ts';
import { setHeaders, errorReply, send } from './response/reply.ts';
import { requestIdOf } from './request/request-id.ts';
import { route, type Route, type RouteTable } from './routes/router.ts';
import {
  type CacheRules,
  createResponseCache,
  type ResponseCache,
} from './response-cache/response-cache.ts';
import { createYogaServer, type YogaParts } from './operation/yoga.ts';

export interface HttpOptions {
  /** Hides what only developers need: name suggestions, the way from / to GraphiQL, and from elsewhere to the graph. */
  readonly production: boolean;
  readonly limits: DocumentLimits & { readonly bodyBytes: number };
  readonly cors: Cors;
  readonly graphiql: boolean;
  readonly introspection: boolean;
  readonly requestTimeoutMs: number;
  /** The key that GraphiQL starts with, the sandbox's; null: none. */
  readonly presetKey: string | null;
}

export interface HttpParts<Context extends object> extends Pick<
  YogaParts<Context>,
  'schema' | 'contextOf' | 'costOf' | 'check' | 'maskError' | 'withExtensions'
> {
  readonly options: HttpOptions;
  readonly log: Log;
  /** Documents that clients may name by an id; without this, none. */
  readonly trusted?: TrustedDocuments | null;
  readonly callers: Pick<Callers, 'admit'>;
  /** The defaults, but for tests. */
  readonly timeouts?: ConnectionTimeouts;
  /** Whether the upstream could be reached when it was last tried. */
  readonly reachability: () => 'reachable' | 'unreachable';
  /** How long an answer without errors may be kept, and by whom; without this, `no-store`. */
  readonly cacheControlOf?: (cost: ReadCost | null) => string;
  /** Without this, every operation is executed. */
  readonly cache?: CacheRules<Context>;
  /** Called once for each operation, when its answer was sent; the cost is null where nothing was read. */
  readonly finished: (operation: OperationSummary, cost: ReadCost | null) => void;
  /** Where pages and budgets are kept just now; without this, /readyz does not speak of it. */
  readonly store?: () => StoreState;
  /** Begins an operation's span; without this, none is traced. */
  readonly trace?: ((traceparent: string | undefined) => Span) | undefined;
  /** The page that Prometheus reads; without this there is none. */
  readonly metrics?: MetricsPage;
}

export interface Http {
  readonly server: Server;
  /** Size of the response cache. */
  readonly cachedResponsesBytes: () => number;
  /** Begins to serve. Rejects if the address cannot be had. */
  readonly listen: (address: Address) => Promise<Listening>;
  /** Stops accepting, lets every request that has begun finish, at most so long, then closes all. */
  readonly close: (graceMs: number) => Promise<void>;
}

/** The HTTP side of this server: everything between a socket and the GraphQL schema. */
export function createHttp<Context extends object>(parts: HttpParts<Context>): Http {
  const { options, log } = parts;
  const errorLog = createErrorLog(log);
  const server = createServerWithTimeouts(
    parts.timeouts ?? connectionTimeouts,
    options.requestTimeoutMs,
  );
  const drain = createDrain(server);
  const { production, introspection, limits } = options;
  const documents = createParsedDocuments(parts.schema, {
    limits,
    introspection,
    suggestions: !production,
  });
  const { cache } = parts;
  const responseCache = cache && createResponseCache({ ...parts, cache, documents, errorLog });
  const isReady = () => server.listening && !drain.isClosing();
  const routes = routesOf({ ...parts, errorLog, documents, responseCache, isReady });

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    drain.track(request, response);
    const requestId = requestIdOf(request.headers['x-request-id']);
    const allowed = corsHeaders(options.cors, request.headers.origin);
    setHeaders(response, {
      'x-request-id': requestId,
      'x-content-type-options': 'nosniff',
      vary: 'Origin',
      ...allowed,
    });
    try {
      await route(routes, { request, response, requestId });
    } catch (error) {
      if (!(error instanceof HttpError)) errorLog.note(error, { requestId });
      send(response, errorReply(error));
    }
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    void serve(request, response);
  };
  server.on('request', onRequest);
  // Of a client that asks before it sends its body: it is told to go on where the body is read.
  server.on('checkContinue', onRequest);
  server.on('clientError', (error, socket) => {
    answerClientError(error, socket, socket instanceof Socket && drain.hasPending(socket));
  });

  return {
    server,
    cachedResponsesBytes: () => responseCache?.bytes() ?? 0,
    listen: (address) => listen(server, address),
    close: drain.close,
  };
}

interface RoutesParts<Context extends object> extends HttpParts<Context> {
  readonly errorLog: ErrorLog;
  readonly documents: ParsedDocuments;
  readonly responseCache: ResponseCache | undefined;
  readonly isReady: () => boolean;
}

function routesOf<Context extends object>(parts: RoutesParts<Context>): RouteTable {
  const { options } = parts;
  const { production, limits, presetKey } = options;
  const yoga = createYogaServer(parts);
  const headers = presetKey === null ? null : { Authorization: `Bearer ${presetKey}` };
  const page = options.graphiql ? createGraphiQL({ headers }) : null;
  const graphql = graphqlRoute({
    ...parts,
    ...options,
    maxBodyBytes: limits.bodyBytes,
    yoga,
    page,
  });

  const byPath = new Map<string, Route>([
    ['/graphql', graphql],
    ['/healthz', healthRoute],
    ['/readyz', readinessRoute({ ...parts, upstream: parts.reachability })],
    ...(parts.metrics ? [['/metrics', metricsRoute(parts.metrics)] as const] : []),
    ...(production ? [] : [['/', redirectTo('/graphql')] as const]),
  ]);
  const nothing = 'There is nothing here';
  return {
    byPath,
    notFoundMessage: production ? `${nothing}.` : `${nothing}: the graph is at /graphql.`,
  };
}

const redirectTo = (location: string): Route => ({
  GET: ({ response }) => send(response, { status: 302, headers: { location } }),
});
