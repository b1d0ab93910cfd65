import { collectDefaultMetrics, Registry } from 'prom-client';
import { type CallMetrics, createCallMetrics } from './call-metrics.ts';
import { createCacheMetrics, type CacheMetrics } from './cache-metrics.ts';
import type { MemoryUsage } from '#src/domain/memory-usage.ts';
import { createMemoryMetrics } from './memory-metrics.ts';
import { createDependencyMetrics, type DependencyMetrics } from './dependency-metrics.ts';
import { createLogMetrics, type LogMetrics } from './log-metrics.ts';
import { createStreamMetrics, type StreamMetrics } from './stream-metrics.ts';
import { createOperationMetrics, type OperationMetrics } from './operation-metrics.ts';

/**
 * All metrics; docs/metrics.md describes each. No label contains what a caller sent, except the
 * names of operations.
 */
export interface Metrics
  extends
    CallMetrics,
    OperationMetrics,
    StreamMetrics,
    CacheMetrics,
    DependencyMetrics,
    LogMetrics {
  readonly memory: MemoryUsage;
  readonly registry: Registry;
  /** The response to a scrape by Prometheus. */
  readonly page: () => Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Creates metrics in a new registry, so that two apps in one process do not share counters. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const memory = createMemoryMetrics(registry);
  return {
    registry,
    memory,
    ...createCallMetrics(registry),
    ...createOperationMetrics(registry, memory.trackEntries),
    ...createStreamMetrics(registry),
    ...createCacheMetrics(registry),
    ...createDependencyMetrics(registry),
    ...createLogMetrics(registry),
    page: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
