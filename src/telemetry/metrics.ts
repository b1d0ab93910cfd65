import { collectDefaultMetrics, Registry } from 'prom-client';
import { createBuildMetrics } from './build-metrics.ts';
import { type CallLabels, type CallMetrics, createCallMetrics } from './call-metrics.ts';
import { createCacheMetrics, type CacheMetrics } from './cache-metrics.ts';
import type { MemoryUsage } from '#src/domain/memory-usage.ts';
import { createMemoryMetrics } from './memory-metrics.ts';
import {
  createDependencyMetrics,
  type Dependency,
  type DependencyMetrics,
} from './dependency-metrics.ts';
import { createLogMetrics, type LogMetrics } from './log-metrics.ts';
import { createStreamMetrics, type StreamMetrics } from './stream-metrics.ts';
import { createWebhookMetrics, type WebhookMetrics } from './webhook-metrics.ts';
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
    WebhookMetrics,
    CacheMetrics,
    DependencyMetrics,
    LogMetrics {
  readonly memory: MemoryUsage;
  readonly registry: Registry;
  /** The response to a scrape by Prometheus. */
  readonly page: () => Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Values that labels can have. Their series begin at 0, so that alerts see the first event. */
export interface LabelValues extends CallLabels {
  readonly codes: readonly string[];
  readonly streamEnds: readonly string[];
  readonly webhookOutcomes: readonly string[];
  readonly reasons: Readonly<Record<Dependency, readonly string[]>>;
}

export interface MetricsOptions {
  /** The version of this server. */
  readonly version: string;
  readonly labelValues: LabelValues;
  /** Names of the operations of trusted documents. */
  readonly trustedNames: readonly string[];
}

/** Creates metrics in a new registry, so that two apps in one process do not share counters. */
export function createMetrics({ version, labelValues, trustedNames }: MetricsOptions): Metrics {
  const { codes, reasons } = labelValues;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  createBuildMetrics(registry, version);
  const memory = createMemoryMetrics(registry);
  const track = memory.trackEntries;
  return {
    registry,
    memory,
    ...createCallMetrics(registry, labelValues),
    ...createOperationMetrics(registry, { codes, trustedNames, track }),
    ...createStreamMetrics(registry, labelValues.streamEnds),
    ...createWebhookMetrics(registry, labelValues.webhookOutcomes),
    ...createCacheMetrics(registry),
    ...createDependencyMetrics(registry, reasons),
    ...createLogMetrics(registry),
    page: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
