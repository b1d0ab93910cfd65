import { Failure } from '#src/domain/failure.ts';
import { notFoundCode } from '#src/enviaai/response/error-response.ts';
import type { HttpRequest } from './http-send.ts';

interface Route {
  readonly method: HttpRequest['method'];
  readonly path: string;
}

/** The calls to EnviaAI by name, each with its method and its path under the base URL. */
export const routes = {
  list: { method: 'GET', path: '/instances' },
  get: { method: 'GET', path: '/instances/{id}' },
  create: { method: 'POST', path: '/instances' },
  update: { method: 'PATCH', path: '/instances/{id}' },
  connect: { method: 'POST', path: '/instances/{id}/connect' },
  disconnect: { method: 'POST', path: '/instances/{id}/disconnect' },
  status: { method: 'GET', path: '/instances/{id}/status' },
  qrcode: { method: 'GET', path: '/instances/{id}/qrcode' },
} as const satisfies Record<string, Route>;

export type CallKind = keyof typeof routes;

/** An empty id, or one of dots, would be the path of another resource: the list, or its parent. */
export function isPathSegment(id: string): boolean {
  return id.isWellFormed() && !/^\.{0,2}$/.test(id);
}

/** Throws for an id that can be no path segment: EnviaAI has no such instance. No call is made. */
export function requireId(id: string): string {
  if (isPathSegment(id)) return id;
  throw new Failure('refused', 'There is no such instance', { upstreamCode: notFoundCode });
}

/** The path of a call; for one with an id, the id is a path segment. */
export function pathOf(kind: CallKind, id: string): string {
  return routes[kind].path.replace('{id}', () => encodeURIComponent(id));
}
