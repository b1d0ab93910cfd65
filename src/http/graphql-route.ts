import type { Span } from '#src/domain/span.ts';
import type { Cost } from '#src/reading/cost.ts';
import { acceptsHtml, assertAcceptsJson } from './accept.ts';
import { readBody } from './body.ts';
import type { Callers } from './callers/callers.ts';
import { assertJson } from './content-type.ts';
import { type Cors, preflightHeaders } from './cors.ts';
import { deadlineOf } from './deadline.ts';
import type { Exchange } from './exchange.ts';
import { type FinishedOperation, finishedOperation, spanEndOf } from './finished.ts';
import type { Page } from './graphiql.ts';
import { createBodyReader } from './known-bodies.ts';
import { once } from './once.ts';
import { asksByQuery, type Params, paramsOfQuery } from './params.ts';
import { giveHeaders, send } from './reply.ts';
import type { Route, Visit } from './route.ts';
import type { Shortcut } from './shortcut.ts';
import type { TrustedDocuments } from './trusted-documents.ts';
import type { YogaServer } from './yoga.ts';

export interface GraphqlRouteParts<Context> {
  readonly yoga: YogaServer<Context>;
  /** Without this, every answer is Yoga's. */
  readonly shortcut?: Shortcut<Context> | undefined;
  readonly cors: Cors;
  readonly maxBodyBytes: number;
  readonly requestTimeoutMs: number;
  readonly callers: Pick<Callers, 'admit'>;
  /** Without this, no document is known by an id. */
  readonly trusted?: TrustedDocuments | null;
  /** What a browser gets that asks for no operation, or null. */
  readonly page: Page | null;
  /** How long an answer without errors may be kept, and by whom. */
  readonly cacheControlOf?: (cost: Cost | null) => string;
  readonly costOf: (context: Context) => Cost | null;
  readonly finished: (operation: FinishedOperation, cost: Cost | null) => void;
  /** Begins an operation's span, as part of the trace that the request's `traceparent` names; without this, none is traced. */
  readonly trace?: ((traceparent: string | undefined) => Span) | undefined;
}

const vary = { vary: 'Accept, Authorization, Origin' };

/** The one endpoint: operations by POST and GET, and GraphiQL for browsers. */
export function graphqlRoute<Context>(parts: GraphqlRouteParts<Context>): Route {
  const byId = Boolean(parts.trusted);
  const paramsOf = createBodyReader(byId);

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
      // A caller is counted once for an operation.
      admit: once(() => parts.callers.admit(request, requestId)),
      connection: request.socket,
      method,
      accept: request.headers.accept,
      ...asked,
      operation: null,
      context: null,
      executed: null,
      errors: null,
      cost: null,
    };
    const reply = (await parts.shortcut?.answer(exchange)) ?? (await ask(exchange));
    const gone = response.destroyed;
    const headers = { ...reply.headers, 'cache-control': cacheControl(exchange) };
    send(response, { ...reply, headers });
    const operation = finishedOperation({
      exchange,
      durationMs: performance.now() - startedAt,
      // nginx's word for a client that did not wait.
      status: gone ? 499 : reply.status,
    });
    span?.end(spanEndOf(operation));
    parts.finished(operation, exchange.cost);
  };

  const ask = async (exchange: Exchange<Context>) => {
    const reply = await parts.yoga.answer(exchange);
    exchange.cost = exchange.context && parts.costOf(exchange.context);
    await parts.shortcut?.learn(exchange, reply);
    return reply;
  };

  const cacheControl = ({ errors, cost }: Exchange<Context>): string =>
    errors?.length === 0 ? (parts.cacheControlOf?.(cost) ?? 'no-store') : 'no-store';

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
      await run(visit, 'POST', paramsOf(body));
    },

    OPTIONS({ request, response }) {
      const headers = preflightHeaders(parts.cors, request.headers.origin);
      send(response, { status: 204, headers: { ...headers, allow: 'GET, POST, OPTIONS' } });
    },
  };
}
