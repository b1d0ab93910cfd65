import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpError } from '#src/http/response/http-error.ts';

/** One HTTP request, and where its answer goes. */
export interface RouteRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** The URL's part after "?", as it was sent. */
  readonly query: string;
}

/** What a path does, by method. */
export type Route = Readonly<Record<string, (visit: RouteRequest) => void | Promise<void>>>;

/** What there is on the way to a handler. */
export interface RouteTable {
  readonly byPath: ReadonlyMap<string, Route>;
  /** What a client is told that asks for another path. */
  readonly notFoundMessage: string;
}

/**
 * Takes a request to its route. The path is compared as it was sent: nothing is decoded,
 * folded or trimmed, so that what a proxy in front lets through is what is served.
 */
export async function route(
  { byPath, notFoundMessage }: RouteTable,
  asked: Omit<RouteRequest, 'query'>,
): Promise<void> {
  const { url = '', method = '' } = asked.request;
  const end = url.includes('?') ? url.indexOf('?') : url.length;
  const route = byPath.get(url.slice(0, end));
  if (!route) throw new HttpError(404, notFoundMessage);

  const handler = Object.hasOwn(route, method) ? route[method] : undefined;
  if (!handler) {
    const allow = Object.keys(route).join(', ');
    throw new HttpError(405, `Allowed here: ${allow}.`, { headers: { allow } });
  }
  await handler({ ...asked, query: url.slice(end + 1) });
}
