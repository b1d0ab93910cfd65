import { collectDefaultMetrics, Registry } from 'prom-client';
import { type CallMetrics, createCallMetrics } from './call-metrics.ts';
import { createCacheMetrics, type CacheMetrics } from './cache-metrics.ts';
import { createOperationMetrics, type OperationMetrics } from './operation-metrics.ts';

/** Everything that is counted; docs/metrics.md tells what each figure means. No label holds what a caller sent, but for operation names. */
export interface Metrics extends CallMetrics, OperationMetrics, CacheMetrics {
  readonly registry: Registry;
  /** The page that Prometheus reads. */
  readonly page: () => Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Figures of their own for each app: two in one process do not add up. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    ...createCallMetrics(registry),
    ...createOperationMetrics(registry),
    ...createCacheMetrics(registry),
    page: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
