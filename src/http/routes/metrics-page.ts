import { send } from '#src/http/response/reply.ts';
import type { Route } from './router.ts';

export type MetricsPage = () => Promise<{ readonly contentType: string; readonly body: string }>;

/** What Prometheus reads. It needs no key, and holds none. */
export const metricsRoute = (page: MetricsPage): Route => ({
  async GET({ response }) {
    const { contentType, body } = await page();
    const headers = { 'content-type': contentType, 'cache-control': 'no-store' };
    send(response, { status: 200, headers, body });
  },
});
