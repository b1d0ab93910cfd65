import type { IncomingMessage, ServerResponse } from 'node:http';
import { requestIdOf } from '#src/http/request/request-id.ts';
import { type Cors, corsHeaders } from '#src/http/response/cors.ts';
import type { ErrorLog } from '#src/http/response/error-log.ts';
import { HttpError } from '#src/http/response/http-error.ts';
import { errorReply, send } from '#src/http/response/reply.ts';
import { handlerOf, type HttpExchange, matchUrl, type RouteTable } from './router.ts';

export interface RequestListenerParts {
  readonly routes: RouteTable;
  readonly cors: Cors;
  readonly errorLog: ErrorLog;
}

/** Handles one request with its route, and answers every error. The promise never rejects. */
export function createRequestListener({ routes, cors, errorLog }: RequestListenerParts) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url = '', method = '' } = request;
    const { route, query } = matchUrl(routes, url);
    const requestId = requestIdOf(request.headers['x-request-id']);
    const headers = {
      'x-request-id': requestId,
      'x-content-type-options': 'nosniff',
      vary: 'Origin',
      ...corsHeaders(cors, request.headers.origin),
      ...route?.headers,
    };
    const exchange: HttpExchange = { request, response, requestId, query, headers };
    try {
      const handle = handlerOf(routes, route, method);
      route?.check?.(request);
      await handle(exchange);
    } catch (error) {
      if (!(error instanceof HttpError)) errorLog.record(error, { requestId });
      send(exchange, errorReply(error));
    }
  };
}
