import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorTypeOf } from '#src/http/request/accept.ts';
import { hostOf } from '#src/http/request/host.ts';
import { requestIdOf } from '#src/http/request/request-id.ts';
import { requestTargetOf } from '#src/http/request/request-target.ts';
import { type Cors, corsHeaders } from '#src/http/response/cors.ts';
import type { ErrorLog } from '#src/http/response/error-log.ts';
import { HttpError } from '#src/http/response/http-error.ts';
import { errorReply, send } from '#src/http/response/reply.ts';
import { handlerOf, type HttpExchange, routeOf, type RouteTable, withoutPrefix } from './router.ts';

export interface RequestListenerParts {
  readonly routes: RouteTable;
  readonly cors: Cors;
  readonly errorLog: ErrorLog;
  /** Called for each request that ended by a fault of this server, and not by an HTTP error. */
  readonly onFault: () => void;
}

export interface RequestListener {
  /** Handles one request with its route, and answers every error. The promise never rejects. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Answers a request with an error, and closes the connection. */
  readonly refuse: (request: IncomingMessage, response: ServerResponse, error: HttpError) => void;
}

export function createRequestListener(parts: RequestListenerParts): RequestListener {
  const { routes, cors, errorLog, onFault } = parts;

  const pendingOf = (request: IncomingMessage, response: ServerResponse) => {
    const { path, query, authority } = requestTargetOf(request.url ?? '');
    const route = routeOf(routes, path);
    const requestId = requestIdOf(request.headers['x-request-id']);
    const headers = {
      'x-request-id': requestId,
      'x-content-type-options': 'nosniff',
      vary: 'Accept, Origin',
      ...corsHeaders(cors, request.headers.origin),
      ...route?.headers,
    };
    return { request, response, requestId, path, query, headers, route, authority };
  };

  return {
    async handle(request, response) {
      const { route, path, authority, ...pending } = pendingOf(request, response);
      try {
        const exchange: HttpExchange = { ...pending, host: hostOf(request, authority) };
        if (!route) routes.onNotFound(withoutPrefix(routes, path), pending.requestId);
        const handle = handlerOf(routes, route, request.method ?? '');
        route?.check?.(exchange);
        await handle(exchange);
      } catch (error) {
        const { requestId } = pending;
        if (!(error instanceof HttpError)) {
          errorLog.record(error, { requestId });
          onFault();
        }
        send(pending, errorReply(error, errorTypeOf(request.headers.accept)));
      }
    },

    refuse(request, response, error) {
      const reply = errorReply(error, errorTypeOf(request.headers.accept));
      const headers = { ...reply.headers, connection: 'close' };
      send(pendingOf(request, response), { ...reply, headers });
    },
  };
}
