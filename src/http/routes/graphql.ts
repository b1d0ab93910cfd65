import { OperationTypeNode } from 'graphql';
import type { Span } from '#src/domain/span.ts';
import { lazy } from '#src/domain/lazy.ts';
import type { Callers } from '#src/http/auth/callers.ts';
import type { OperationOutcome, OperationRequest } from '#src/http/operation/operation-request.ts';
import {
  type OperationSummary,
  spanEndOf,
  summaryOf,
} from '#src/http/operation/operation-summary.ts';
import type { ParsedDocuments } from '#src/graphql/document/parsed-documents.ts';
import {
  type ParsedRequest,
  type PreparedOperation,
  prepareOperation,
} from '#src/http/operation/prepared-operation.ts';
import type { TrustedDocuments } from '#src/http/operation/trusted-documents.ts';
import type { YogaServer } from '#src/http/operation/yoga.ts';
import { acceptsHtml, responseTypeOf } from '#src/http/request/accept.ts';
import { assertJson } from '#src/http/request/content-type.ts';
import { deadlineOf } from '#src/http/request/deadline.ts';
import {
  asksByQuery,
  type GraphqlParams,
  paramsOfQuery,
} from '#src/http/request/graphql-params.ts';
import { createBodyReader } from '#src/http/request/parsed-body-cache.ts';
import { readBody } from '#src/http/request/read-body.ts';
import type { ResponseCache } from '#src/http/response-cache/response-cache.ts';
import { type Cors, preflightHeaders } from '#src/http/response/cors.ts';
import { setHeaders, send } from '#src/http/response/reply.ts';
import type { ReadCost } from '#src/reading/session/read-cost.ts';
import type { GraphiQLPage } from './graphiql.ts';
import type { Route, RouteRequest } from './router.ts';

export interface GraphqlRouteParts {
  readonly documents: ParsedDocuments;
  readonly yoga: YogaServer;
  /** Without this, Yoga answers every operation. */
  readonly responseCache?: ResponseCache | undefined;
  readonly cors: Cors;
  readonly maxBodyBytes: number;
  readonly requestTimeoutMs: number;
  readonly callers: Pick<Callers, 'admit'>;
  /** Without this, no document is known by an id. */
  readonly trusted?: TrustedDocuments | null;
  /** What a browser gets that sends no operation; null: an error. */
  readonly page: GraphiQLPage | null;
  /** The `Cache-Control` of a response without errors. */
  readonly cacheControlOf?: (cost: ReadCost | null) => string;
  readonly finished: (operation: OperationSummary, cost: ReadCost | null) => void;
  /** Begins an operation's span within the trace of the request's `traceparent`; without this, none is traced. */
  readonly trace?: ((traceparent: string | undefined) => Span) | undefined;
}

const vary = { vary: 'Accept, Authorization, Origin' };

/** The one endpoint: operations by POST and GET, and GraphiQL for browsers. */
export function graphqlRoute(parts: GraphqlRouteParts): Route {
  const { yoga, documents, responseCache, callers, requestTimeoutMs, trusted = null } = parts;
  const byId = trusted !== null;
  const paramsOf = createBodyReader(byId);

  const run = async (
    { request, response, requestId }: RouteRequest,
    asked: GraphqlParams & Pick<OperationRequest, 'method' | 'responseType'>,
  ) => {
    const startedAt = performance.now();
    const span = parts.trace?.(request.headersDistinct['traceparent']?.join());
    const operation: OperationRequest = {
      ...asked,
      requestId,
      signal: deadlineOf(response, requestTimeoutMs),
      noCache: /(?:^|[\s,])no-cache(?:$|[\s,=])/i.test(request.headers['cache-control'] ?? ''),
      span,
      admit: lazy(() => callers.admit(request, requestId)),
    };
    const prepared = prepareOperation(documents, trusted, operation);
    const outcome = await answer(operation, prepared);
    const isGone = response.destroyed;
    const { reply, cost } = outcome;
    const headers = { ...reply.headers, 'cache-control': cacheControlOf(outcome) };
    send(response, { ...reply, headers });
    const summary = summaryOf(operation, prepared.operation, outcome, {
      durationMs: performance.now() - startedAt,
      // nginx's status for a client that closed the connection first.
      status: isGone ? 499 : reply.status,
    });
    span?.end(spanEndOf(summary));
    parts.finished(summary, cost);
  };

  const answer = async (request: OperationRequest, prepared: PreparedOperation) => {
    const outcome = isReadableQuery(prepared) && (await responseCache?.answer(request, prepared));
    return outcome || yoga.answer(request, prepared);
  };

  const cacheControlOf = ({ errors, cost }: OperationOutcome): string =>
    errors?.length === 0 ? (parts.cacheControlOf?.(cost) ?? 'no-store') : 'no-store';

  return {
    async GET(visit) {
      const { request, response, query } = visit;
      setHeaders(response, vary);
      if (parts.page && !asksByQuery(query, byId) && acceptsHtml(request.headers.accept)) {
        return parts.page.send(request, response);
      }
      const responseType = responseTypeOf(request.headers.accept);
      await run(visit, { ...paramsOfQuery(query, byId), method: 'GET', responseType });
    },

    async POST(visit) {
      const { request, response } = visit;
      setHeaders(response, vary);
      assertJson(request.headers['content-type']);
      const responseType = responseTypeOf(request.headers.accept);
      const body = await readBody(request, response, parts.maxBodyBytes);
      await run(visit, { ...paramsOf(body), method: 'POST', responseType });
    },

    OPTIONS({ request, response }) {
      const headers = preflightHeaders(parts.cors, request.headers.origin);
      send(response, { status: 204, headers: { ...headers, allow: 'GET, POST, OPTIONS' } });
    },
  };
}

/** Whether an operation is a valid query that reads instances. */
const isReadableQuery = (prepared: PreparedOperation): prepared is ParsedRequest =>
  prepared.kind === 'parsed' &&
  prepared.parsed.errors.length === 0 &&
  prepared.operation?.type === OperationTypeNode.QUERY &&
  prepared.operation.readsInstances;
