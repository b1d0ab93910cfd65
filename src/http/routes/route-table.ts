import { send } from '#src/http/response/reply.ts';
import type { AssertHost } from '#src/http/request/allowed-hosts.ts';
import { healthRoute, type ReadinessParts, readinessRoute } from './health.ts';
import { metricsRoute, type ReadMetrics } from './metrics-page.ts';
import type { Route, RouteTable } from './router.ts';
import { isWebhookPath, webhookRoutes, type Webhooks } from './webhooks.ts';

export interface RouteTableParts {
  /** Hides from clients where the endpoint is. */
  readonly production: boolean;
  /** See {@link RouteTable}. */
  readonly pathPrefix: string;
  readonly version: string;
  readonly graphql: Route;
  readonly assertHost: AssertHost;
  readonly readiness: ReadinessParts;
  /** Undefined: there is no `/metrics`. */
  readonly readMetrics: ReadMetrics | undefined;
  /** Undefined: there are none. */
  readonly webhooks: Webhooks | undefined;
}

/** All routes of the server. */
export function createRouteTable(parts: RouteTableParts): RouteTable {
  const { production, version, graphql, assertHost, readiness, readMetrics, webhooks } = parts;
  const byPath = new Map<string, Route>([
    ['/graphql', graphql],
    ['/healthz', healthRoute(version)],
    ['/readyz', readinessRoute(readiness)],
    ...(readMetrics ? [['/metrics', metricsRoute(readMetrics, assertHost)] as const] : []),
    ...(webhooks ? webhookRoutes(webhooks) : []),
    ...(production ? [] : [['/', redirectTo('graphql')] as const]),
  ]);
  const notFound = 'This path does not exist.';
  return {
    byPath,
    pathPrefix: parts.pathPrefix,
    notFoundMessage: production ? notFound : `${notFound} The GraphQL endpoint is /graphql.`,
    onNotFound(path, requestId) {
      if (isWebhookPath(path)) webhooks?.onDelivery('unknown_path', requestId);
    },
  };
}

/** To a relative URL: a proxy may have removed the start of the path. */
const redirectTo = (location: string): Route => ({
  handlers: { GET: (exchange) => send(exchange, { status: 302, headers: { location } }) },
});
