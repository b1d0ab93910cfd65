import type { Span } from '#src/domain/span.ts';
import { acceptsHtml, assertAcceptsJson } from './accept.ts';
import type { Answers } from './answers.ts';
import { readBody } from './body.ts';
import type { Callers } from './callers/callers.ts';
import { assertJson } from './content-type.ts';
import { type Cors, preflightHeaders } from './cors.ts';
import { deadlineOf } from './deadline.ts';
import type { Exchange } from './exchange.ts';
import { type FinishedOperation, finishedOperation, spanEndOf } from './finished.ts';
import type { Page } from './graphiql.ts';
import { asksByQuery, type Params, paramsOfBody, paramsOfQuery } from './params.ts';
import { giveHeaders, send } from './reply.ts';
import type { Route, Visit } from './route.ts';
import type { TrustedDocuments } from './trusted-documents.ts';
import type { YogaServer } from './yoga.ts';

export interface GraphqlRouteParts<Context> {
  readonly yoga: YogaServer<Context>;
  /** Without this, every answer is made anew. */
  readonly answers?: Answers<Context> | undefined;
  readonly cors: Cors;
  readonly maxBodyBytes: number;
  readonly requestTimeoutMs: number;
  readonly callers: Pick<Callers, 'admit'>;
  /** Without this, no document is known by an id. */
  readonly trusted?: TrustedDocuments | null;
  /** What a browser gets that asks for no operation, or null. */
  readonly page: Page | null;
  /** How long an answer without errors may be kept, and by whom. */
  readonly cacheControlOf?: (context: Context) => string;
  readonly costOf: (context: Context) => { readonly calls: number } | null;
  readonly finished: (operation: FinishedOperation, context: Context | null) => void;
  /** Begins an operation's span, as part of the trace that the request's `traceparent` names; without this, none is traced. */
  readonly trace?: ((traceparent: string | undefined) => Span) | undefined;
}

const vary = { vary: 'Accept, Authorization, Origin' };

/** The one endpoint: operations by POST and GET, and GraphiQL for browsers. */
export function graphqlRoute<Context>(parts: GraphqlRouteParts<Context>): Route {
  const byId = Boolean(parts.trusted);

  const run = async (visit: Visit, method: 'GET' | 'POST', asked: Params) => {
    const { request, response, requestId } = visit;
    const startedAt = performance.now();
    const span = parts.trace?.(request.headersDistinct['traceparent']?.join());
    const exchange: Exchange<Context> = {
      asked: {
        requestId,
        signal: deadlineOf(response, parts.requestTimeoutMs),
        noCache: /(?:^|[\s,])no-cache(?:$|[\s,=])/i.test(request.headers['cache-control'] ?? ''),
        span,
      },
      admit: once(() => parts.callers.admit(request, requestId)),
      method,
      accept: request.headers.accept,
      ...asked,
      operation: null,
      context: null,
      errors: null,
    };
    const reply = (await parts.answers?.again(exchange)) ?? (await make(exchange));
    const gone = response.destroyed;
    const headers = { ...reply.headers, 'cache-control': cacheControl(exchange) };
    send(response, { ...reply, headers });
    const operation = finishedOperation({
      exchange,
      cost: exchange.context && parts.costOf(exchange.context),
      durationMs: performance.now() - startedAt,
      // nginx's word for a client that did not wait.
      status: gone ? 499 : reply.status,
    });
    span?.end(spanEndOf(operation));
    parts.finished(operation, exchange.context);
  };

  const make = async (exchange: Exchange<Context>) => {
    const reply = await parts.yoga.answer(exchange);
    parts.answers?.keep(exchange, reply);
    return reply;
  };

  const cacheControl = ({ context, errors }: Exchange<Context>): string => {
    if (!context || errors?.length !== 0) return 'no-store';
    return parts.cacheControlOf?.(context) ?? 'no-store';
  };

  return {
    async GET(visit) {
      const { request, response, query } = visit;
      giveHeaders(response, vary);
      if (parts.page && !asksByQuery(query, byId) && acceptsHtml(request.headers.accept)) {
        return parts.page.send(request, response);
      }
      assertAcceptsJson(request.headers.accept);
      await run(visit, 'GET', paramsOfQuery(query, byId));
    },

    async POST(visit) {
      const { request, response } = visit;
      giveHeaders(response, vary);
      assertJson(request.headers['content-type']);
      assertAcceptsJson(request.headers.accept);
      const body = await readBody(request, response, parts.maxBodyBytes);
      await run(visit, 'POST', paramsOfBody(body, byId));
    },

    OPTIONS({ request, response }) {
      const headers = preflightHeaders(parts.cors, request.headers.origin);
      send(response, { status: 204, headers: { ...headers, allow: 'GET, POST, OPTIONS' } });
    },
  };
}

/** Whoever asks: a caller is counted once for an operation. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
