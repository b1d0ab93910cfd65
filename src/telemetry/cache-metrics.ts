import { Counter, Gauge, type Registry } from 'prom-client';

/** Where what is held can be looked up, whenever the figures are asked for. */
export interface CacheGauges {
  readonly pages: () => { readonly bytes: number; readonly tenants: number };
  /** Bytes of answers that can be served again. */
  readonly answers: () => number;
  readonly storeUp: () => boolean;
}

export interface CacheMetrics {
  readonly observe: (sources: CacheGauges) => void;
  /** The store that replicas share did not do what it was asked for. */
  readonly storeFailed: () => void;
}

export function createCacheMetrics(registry: Registry): CacheMetrics {
  const registers = [registry];
  let sources: CacheGauges | undefined;
  const bytes = new Gauge({
    name: 'enviaai_pages_bytes',
    help: 'Memory that held pages take in this process, by the estimate that CACHE_MAX_MB bounds.',
    registers,
    collect() {
      this.set(sources?.pages().bytes ?? 0);
    },
  });
  const answers = new Gauge({
    name: 'enviaai_answers_bytes',
    help: 'Memory that finished answers take in this process, by the estimate that CACHE_MAX_MB bounds.',
    registers,
    collect() {
      this.set(sources?.answers() ?? 0);
    },
  });
  const tenants = new Gauge({
    name: 'enviaai_pages_tenants',
    help: 'Keys that pages are held for in this process.',
    registers,
    collect() {
      this.set(sources?.pages().tenants ?? 0);
    },
  });
  const up = new Gauge({
    name: 'enviaai_store_up',
    help: 'Whether the store works: Redis where REDIS_URL is set, else the memory of this process.',
    registers,
    collect() {
      this.set(sources?.storeUp() === false ? 0 : 1);
    },
  });
  const failures = new Counter({
    name: 'enviaai_store_failures_total',
    help: 'Commands that Redis did not carry out: refused, broken off or not answered in time.',
    registers,
  });
  for (const gauge of [bytes, answers, tenants, up]) gauge.set(0);
  return {
    observe(given) {
      sources = given;
    },
    storeFailed: () => failures.inc(),
  };
}
