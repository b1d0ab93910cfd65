import { labelValues } from '#src/app/label-values.ts';
import { createMetrics, type MetricsOptions } from '#src/telemetry/metrics.ts';
import { start, type StartOptions } from '#test/support/start.ts';

/** A server, and the value of a metric by its name with its labels: `enviaai_pages_tenants`. */
export async function startWithMetrics(options: StartOptions = {}) {
  const server = await start(options);
  const page = async () => (await fetch(new URL('/metrics', server.url))).text();
  const valueOf = async (name: string) => {
    const line = (await page()).split('\n').find((line) => line.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  };
  return { ...server, page, valueOf };
}

export const metricsOf = (options: Partial<MetricsOptions> = {}) =>
  createMetrics({ version: '1.2.3', labelValues, trustedNames: [], ...options });
