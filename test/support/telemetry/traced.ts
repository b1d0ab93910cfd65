import { onTestFinished } from 'vitest';
import { documentedPage } from '#test/support/enviaai/documented.ts';
import { startProcess, urlOf } from '#test/support/process/start-process.ts';
import { startUpstream, type UpstreamHandler } from '#test/support/upstream.ts';
import { startCollector } from './collector.ts';

/**
 * Returns a page of three instances, of an account of 3 (`isWhole`) or 300; 404 for other paths.
 */
export const answering =
  (isWhole: boolean): UpstreamHandler =>
  (request, response) => {
    const isList = request.url?.startsWith('/instances?');
    const page = isWhole
      ? documentedPage
      : documentedPage
          .replace('"hasMore": false', '"hasMore": true')
          .replace('"total": 3', '"total": 300');
    response.writeHead(isList ? 200 : 404, { 'content-type': 'application/json' });
    response.end(isList ? page : '{"success":false,"error":{"code":"instance_not_found"}}');
  };

export interface TracedOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly upstream?: UpstreamHandler;
  readonly collectorHangs?: boolean;
}

/** Starts the server as a process, with an upstream and a collector. */
export async function startTraced(options: TracedOptions = {}) {
  const collector = await startCollector(options.collectorHangs);
  const upstream = await startUpstream(options.upstream ?? answering(true));
  onTestFinished(() => upstream.close());
  const started = startProcess({
    ENVIAAI_BASE_URL: upstream.url.href,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    ...options.env,
  });
  const url = await urlOf(started);
  return {
    ...started,
    collector,
    upstream,
    async ask(body: object, headers: Record<string, string> = {}) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer test', ...headers },
        body: JSON.stringify(body),
      });
      return response.json();
    },
    /** Stops the process, and returns all spans that the collector received. */
    async spans() {
      started.child.kill('SIGTERM');
      if ((await started.exitCode) !== 0) throw new Error('The server did not exit with 0');
      return collector.spans();
    },
  };
}
