import type { MemoryUsage } from '#src/domain/memory-usage.ts';
import { acceptsHtml, prefersHtml, responseTypeOf } from '#src/http/request/accept.ts';
import type { AssertHost } from '#src/http/request/allowed-hosts.ts';
import { assertJson } from '#src/http/request/content-type.ts';
import {
  hasOperation,
  hasText,
  type ParamsOptions,
  paramsOfQuery,
} from '#src/http/request/graphql-params.ts';
import type { AssertOwnPage } from '#src/http/request/foreign-page.ts';
import { acceptedStreamOf } from '#src/http/request/accept-stream.ts';
import { createBodyReader } from '#src/http/request/parsed-body-cache.ts';
import { readBody } from '#src/http/request/read-body.ts';
import { type Cors, preflightHeaders } from '#src/http/response/cors.ts';
import { send } from '#src/http/response/reply.ts';
import type { GraphiQL } from './graphiql.ts';
import type { Route } from './router.ts';
import type { RunOperation, SentOperation } from './run-operation.ts';

export interface GraphqlRouteParts {
  readonly runOperation: RunOperation;
  readonly cors: Cors;
  /** Null: a credential is asked for, so every `Host` is accepted. */
  readonly assertHost: AssertHost | null;
  readonly assertOwnPage: AssertOwnPage;
  readonly maxBodyBytes: number;
  readonly params: ParamsOptions;
  /** Null: a browser gets an error. */
  readonly graphiql: GraphiQL | null;
  /** Undefined: nothing reads the size of the cache of bodies. */
  readonly trackBytes: MemoryUsage['trackBytes'] | undefined;
}

/**
 * Added to the errors that browsers get in place of GraphiQL. It does not say how the server is
 * configured.
 */
const graphiqlHint = ' GraphiQL is served to browsers only if it is enabled.';

/** `/graphql`: operations by POST and GET, and GraphiQL for browsers. */
export function graphqlRoute(parts: GraphqlRouteParts): Route {
  const { runOperation, cors, assertOwnPage, maxBodyBytes, graphiql } = parts;
  const { params: paramsOptions } = parts;
  const bodies = createBodyReader(paramsOptions);
  parts.trackBytes?.('bodies', bodies.bytes);

  /** A browser that shows the endpoint, or reloads it with the query that GraphiQL wrote there. */
  const isForGraphiQL = (query: string, accept: string | undefined): boolean =>
    hasOperation(query, paramsOptions.byId)
      ? hasText(query) && prefersHtml(accept)
      : acceptsHtml(accept);

  return {
    headers: { vary: 'Accept, Accept-Encoding, Authorization, Origin' },
    check: ({ host }) => parts.assertHost?.(host),
    handlers: {
      async GET(exchange) {
        const { query, host } = exchange;
        const { rawHeaders, headers } = exchange.request;
        const { accept } = headers;
        // GraphiQL may be reached by a link of any site: it executes nothing by itself.
        if (graphiql && isForGraphiQL(query, accept)) return graphiql.serve(exchange);
        const hint = !graphiql && acceptsHtml(accept) ? graphiqlHint : '';
        assertOwnPage({ rawHeaders, host });
        const accepted = acceptedOf(accept, hint);
        const params = paramsOfQuery(query, paramsOptions, hint);
        await runOperation(exchange, { ...params, method: 'GET', ...accepted });
      },

      async POST(exchange) {
        const { request, response, host } = exchange;
        assertOwnPage({ rawHeaders: request.rawHeaders, host });
        assertJson(request.headers);
        const accepted = acceptedOf(request.headers.accept);
        const limit = { maxBytes: maxBodyBytes, variable: 'MAX_BODY_BYTES' };
        const params = bodies.paramsOf(await readBody(request, response, limit));
        await runOperation(exchange, { ...params, method: 'POST', ...accepted });
      },

      OPTIONS(exchange) {
        const { origin, 'access-control-request-headers': requestedHeaders } =
          exchange.request.headers;
        const headers = preflightHeaders(cors, { origin, requestedHeaders });
        send(exchange, { status: 204, headers: { ...headers, allow: 'GET, HEAD, POST, OPTIONS' } });
      },
    },
  };
}

/** The formats of the response. Throws a 406 error for a client that accepts neither of them. */
function acceptedOf(
  accept: string | undefined,
  hint?: string,
): Pick<SentOperation, 'responseType' | 'stream'> {
  const stream = acceptedStreamOf(accept);
  const responseType = stream?.isPreferred ? 'application/json' : responseTypeOf(accept, hint);
  return { responseType, stream };
}
