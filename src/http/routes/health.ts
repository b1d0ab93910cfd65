import { jsonReply, send } from '#src/http/response/reply.ts';
import type { Route } from './router.ts';

/** Whether the process lives. It asks nobody else. */
export const healthRoute: Route = {
  GET: ({ response }) => send(response, jsonReply(200, { status: 'ok' })),
};

/** `local`: Redis is away, and this replica goes by itself. `memory`: it always does. */
export type StoreState = 'redis' | 'memory' | 'local';

export interface Readiness {
  /** False while starting and while shutting down. */
  readonly isReady: () => boolean;
  readonly upstream: () => 'reachable' | 'unreachable';
  readonly store?: () => StoreState;
}

/**
 * Whether requests should come here. An upstream or a Redis that is down is told, but stale answers
 * and clear errors are service too.
 */
export const readinessRoute = ({ isReady, upstream, store }: Readiness): Route => ({
  GET({ response }) {
    const seen = { upstream: upstream(), ...(store && { store: store() }) };
    const whole = seen.upstream === 'reachable' && seen.store !== 'local';
    const status = isReady() && whole ? 'ok' : 'degraded';
    send(response, jsonReply(isReady() ? 200 : 503, { status, ...seen }));
  },
});
