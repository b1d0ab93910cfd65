import { jsonReply, send } from '#src/http/response/reply.ts';
import type { Route } from './router.ts';

/** Liveness: answers while the process can respond. Depends on no other system. */
export const healthRoute = (version: string): Route => ({
  handlers: { GET: (exchange) => send(exchange, jsonReply(200, { status: 'ok', version })) },
});

/**
 * Where pages and budgets are stored. `memory`: Redis is not configured. `local`: Redis is
 * configured but not reachable, so this replica uses its memory.
 */
export type StoreState = 'redis' | 'memory' | 'local';

export interface ReadinessParts {
  /** False while the server starts and while it shuts down. */
  readonly isReady: () => boolean;
  /** The outcome of the last connection to the upstream. */
  readonly reachability: () => 'reachable' | 'unreachable';
  /** Without this, the response has no `store`. */
  readonly storeState?: (() => StoreState) | undefined;
}

/**
 * Readiness: 200 while the server should get requests. An unreachable upstream or Redis is reported
 * as `degraded` with status 200, because stale rows and clear errors are useful responses too.
 */
export const readinessRoute = ({ isReady, reachability, storeState }: ReadinessParts): Route => ({
  handlers: {
    GET(exchange) {
      const states = {
        upstream: reachability(),
        ...(storeState && { store: storeState() }),
      };
      const isHealthy = states.upstream === 'reachable' && states.store !== 'local';
      const status = isReady() && isHealthy ? 'ok' : 'degraded';
      send(exchange, jsonReply(isReady() ? 200 : 503, { status, ...states }));
    },
  },
});
