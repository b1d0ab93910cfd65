import { jsonReply, send } from './reply.ts';
import type { Route } from './route.ts';

/** Whether the process lives. It asks nobody else. */
export const healthRoute: Route = {
  GET: ({ response }) => send(response, jsonReply(200, { status: 'ok' })),
};

export interface Readiness {
  /** False while starting and while shutting down. */
  readonly isReady: () => boolean;
  readonly upstream: () => 'reachable' | 'unreachable';
}

/** Whether requests should come here. An upstream that is down is told, but stale answers and clear errors are service too. */
export const readinessRoute = ({ isReady, upstream }: Readiness): Route => ({
  GET({ response }) {
    const seen = upstream();
    const status = isReady() && seen === 'reachable' ? 'ok' : 'degraded';
    send(response, jsonReply(isReady() ? 200 : 503, { status, upstream: seen }));
  },
});
