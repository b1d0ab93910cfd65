import { Gauge, type Registry } from 'prom-client';
import type { MemoryUsage } from '#src/domain/memory-usage.ts';

/** Gauges of everything in memory that grows by what clients send. */
export function createMemoryMetrics(registry: Registry): MemoryUsage {
  const gaugeOf = (name: string, label: string, help: string) => {
    const sizes: { readonly part: string; readonly size: () => number }[] = [];
    const registered = new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset();
        for (const { part, size } of sizes) this.inc({ [label]: part }, size());
      },
    });
    return (part: string, size: () => number) => {
      sizes.push({ part, size });
      registered.set({ [label]: part }, 0);
    };
  };
  return {
    trackBytes: gaugeOf(
      'enviaai_cache_bytes',
      'cache',
      'Memory of each cache of this process in bytes, by the estimate that limits it.',
    ),
    trackEntries: gaugeOf(
      'enviaai_tracked_entries',
      'kind',
      'Entries of a few hundred bytes that this process remembers of keys, callers and calls.',
    ),
  };
}
