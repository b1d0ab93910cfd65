import type { AssertHost } from '#src/http/request/allowed-hosts.ts';
import { send } from '#src/http/response/reply.ts';
import type { Route } from './router.ts';

/** The metrics in Prometheus's text format. */
export type ReadMetrics = () => Promise<{ readonly contentType: string; readonly body: string }>;

/**
 * The route that Prometheus scrapes. It needs no key; the metrics contain no key and no row, but
 * the names of operations.
 */
export const metricsRoute = (readMetrics: ReadMetrics, assertHost: AssertHost): Route => ({
  check: ({ host }) => assertHost(host),
  handlers: {
    async GET(exchange) {
      const { contentType, body } = await readMetrics();
      const headers = { 'content-type': contentType, 'cache-control': 'no-store' };
      send(exchange, { status: 200, headers, body });
    },
  },
});
