import { Counter, type Registry } from 'prom-client';

export interface LogMetrics {
  /** Sets the function that returns the number of dropped lines; each scrape calls it. */
  readonly observeDroppedLines: (droppedLines: () => number) => void;
}

export function createLogMetrics(registry: Registry): LogMetrics {
  let droppedLines = () => 0;
  let counted = 0;
  const counter = new Counter({
    name: 'enviaai_log_lines_dropped_total',
    help: 'Log lines that were not written, because the reader was too slow or the write failed.',
    registers: [registry],
    collect() {
      const total = droppedLines();
      this.inc(total - counted);
      counted = total;
    },
  });
  counter.inc(0);
  return {
    observeDroppedLines(read) {
      droppedLines = read;
    },
  };
}
