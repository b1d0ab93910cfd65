import type { IncomingMessage } from 'node:http';
import { HttpError } from '#src/http/response/http-error.ts';
import type { HeaderFields, PendingResponse } from '#src/http/response/reply.ts';

/** One HTTP request and its pending response. */
export interface HttpExchange extends PendingResponse {
  readonly request: IncomingMessage;
  readonly requestId: string;
  /** The raw query string: the part of the URL after "?". */
  readonly query: string;
  /** The host that the request is for. Undefined: it names none. */
  readonly host: string | undefined;
}

export type Handler = (exchange: HttpExchange) => void | Promise<void>;

/** The resource at one path. */
export interface Route {
  /** Headers of all its responses, also of errors. */
  readonly headers?: HeaderFields;
  /** Throws an error for a request that no handler may answer. */
  readonly check?: (exchange: HttpExchange) => void;
  /** By HTTP method. */
  readonly handlers: Readonly<Record<string, Handler>>;
}

export interface RouteTable {
  readonly byPath: ReadonlyMap<string, Route>;
  /** Removed from a path that begins with it. Empty: nothing is. */
  readonly pathPrefix: string;
  /** The error message for every other path. */
  readonly notFoundMessage: string;
  /** Called for each request to another path, which is passed without the prefix. */
  readonly onNotFound: (path: string, requestId: string) => void;
}

/**
 * The route of a path; undefined: there is none. The path is compared as it was sent, without
 * decoding or normalizing it: a proxy that filters paths sees the same path as this server.
 */
export const routeOf = (table: RouteTable, path: string): Route | undefined =>
  table.byPath.get(withoutPrefix(table, path));

export function withoutPrefix({ pathPrefix }: RouteTable, path: string): string {
  const isPrefixed = pathPrefix !== '' && path.startsWith(`${pathPrefix}/`);
  return isPrefixed ? path.slice(pathPrefix.length) : path;
}

/**
 * The handler of a method; that of GET for HEAD, for which Node sends no body. Throws a 404 error
 * without a route, and a 405 error without a handler.
 */
export function handlerOf(
  { notFoundMessage }: RouteTable,
  route: Route | undefined,
  method: string,
): Handler {
  if (!route) throw new HttpError(404, notFoundMessage);
  const { handlers } = route;
  const name = method === 'HEAD' ? 'GET' : method;
  const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
  if (handler) return handler;
  const allow = Object.keys(handlers)
    .flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : each))
    .join(', ');
  throw new HttpError(405, `This path supports only these methods: ${allow}.`, {
    headers: { allow },
  });
}
