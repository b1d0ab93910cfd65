import type { MemoryUsage } from '#src/domain/memory-usage.ts';
import { acceptsHtml, responseTypeOf } from '#src/http/request/accept.ts';
import { assertJson } from '#src/http/request/content-type.ts';
import { hasOperation, paramsOfQuery } from '#src/http/request/graphql-params.ts';
import { createBodyReader } from '#src/http/request/parsed-body-cache.ts';
import { readBody } from '#src/http/request/read-body.ts';
import { type Cors, preflightHeaders } from '#src/http/response/cors.ts';
import { send } from '#src/http/response/reply.ts';
import type { GraphiQL } from './graphiql.ts';
import type { Route } from './router.ts';
import type { RunOperation } from './run-operation.ts';

export interface GraphqlRouteParts {
  readonly runOperation: RunOperation;
  readonly cors: Cors;
  readonly maxBodyBytes: number;
  /** Whether a request may have the id of a trusted document instead of a text. */
  readonly byId: boolean;
  /** Null: a browser gets an error. */
  readonly graphiql: GraphiQL | null;
  /** Undefined: nothing reads the size of the cache of bodies. */
  readonly trackBytes: MemoryUsage['trackBytes'] | undefined;
}

/** `/graphql`: operations by POST and GET, and GraphiQL for browsers. */
export function graphqlRoute(parts: GraphqlRouteParts): Route {
  const { runOperation, cors, maxBodyBytes, byId, graphiql } = parts;
  const bodies = createBodyReader(byId);
  parts.trackBytes?.('bodies', bodies.bytes);

  return {
    headers: { vary: 'Accept, Authorization, Origin' },
    handlers: {
      async GET(exchange) {
        const { accept } = exchange.request.headers;
        const { query } = exchange;
        if (graphiql && !hasOperation(query, byId) && acceptsHtml(accept)) {
          return graphiql.serve(exchange);
        }
        const responseType = responseTypeOf(accept);
        const params = paramsOfQuery(query, byId);
        await runOperation(exchange, { ...params, method: 'GET', responseType });
      },

      async POST(exchange) {
        const { request, response } = exchange;
        assertJson(request.headers['content-type']);
        const responseType = responseTypeOf(request.headers.accept);
        const params = bodies.paramsOf(await readBody(request, response, maxBodyBytes));
        await runOperation(exchange, { ...params, method: 'POST', responseType });
      },

      OPTIONS(exchange) {
        const headers = preflightHeaders(cors, exchange.request.headers.origin);
        send(exchange, { status: 204, headers: { ...headers, allow: 'GET, POST, OPTIONS' } });
      },
    },
  };
}
