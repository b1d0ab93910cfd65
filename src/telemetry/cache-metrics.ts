import { Counter, Gauge, type Registry } from 'prom-client';

/** Functions that return the values of gauges; each scrape calls them. */
export interface CacheGauges {
  readonly pages: () => { readonly bytes: number; readonly tenants: number };
  /** Size of all cached responses, in bytes. */
  readonly responses: () => number;
  /** Size of the pages of unfinished searches, in bytes. */
  readonly checkpoints: () => number;
  readonly isStoreUp: () => boolean;
}

export interface CacheMetrics {
  /** Sets the functions; before this, the gauges are 0. */
  readonly observeGauges: (gauges: CacheGauges) => void;
  /** Counts a command that Redis did not execute. */
  readonly countStoreFailure: () => void;
}

export function createCacheMetrics(registry: Registry): CacheMetrics {
  const registers = [registry];
  let current: CacheGauges | undefined;
  const bytes = new Gauge({
    name: 'enviaai_pages_bytes',
    help: 'Memory of the page cache of this process in bytes, by the estimate that CACHE_MAX_MB limits.',
    registers,
    collect() {
      this.set(current?.pages().bytes ?? 0);
    },
  });
  const responses = new Gauge({
    name: 'enviaai_answers_bytes',
    help: 'Memory of the response cache of this process in bytes, by the estimate that CACHE_MAX_MB limits.',
    registers,
    collect() {
      this.set(current?.responses() ?? 0);
    },
  });
  const checkpoints = new Gauge({
    name: 'enviaai_search_checkpoints_bytes',
    help: 'Memory of the pages of unfinished searches of this process in bytes, by the estimate that CACHE_MAX_MB limits.',
    registers,
    collect() {
      this.set(current?.checkpoints() ?? 0);
    },
  });
  const tenants = new Gauge({
    name: 'enviaai_pages_tenants',
    help: 'Keys that have pages in the cache of this process.',
    registers,
    collect() {
      this.set(current?.pages().tenants ?? 0);
    },
  });
  const up = new Gauge({
    name: 'enviaai_store_up',
    help: '1 if the store works, 0 if Redis is not reachable. The store is Redis if REDIS_URL is set, else the memory of this process.',
    registers,
    collect() {
      this.set(current?.isStoreUp() === false ? 0 : 1);
    },
  });
  const failures = new Counter({
    name: 'enviaai_store_failures_total',
    help: 'Commands that Redis refused, interrupted or did not answer in time.',
    registers,
  });
  for (const gauge of [bytes, responses, checkpoints, tenants, up]) gauge.set(0);
  return {
    observeGauges(gauges) {
      current = gauges;
    },
    countStoreFailure: () => failures.inc(),
  };
}
