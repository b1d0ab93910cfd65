import { Counter, Gauge, type Registry } from 'prom-client';

export interface StreamMetrics {
  /** Counts an event that was written to a stream. */
  readonly countStreamEvent: () => void;
  readonly countStreamEnd: (reason: string) => void;
  readonly observeStreams: (count: () => number) => void;
}

export function createStreamMetrics(
  registry: Registry,
  endReasons: readonly string[],
): StreamMetrics {
  const registers = [registry];
  let count = () => 0;
  const events = new Counter({
    name: 'enviaai_stream_events_total',
    help: 'Events that were written to streams of subscriptions.',
    registers,
  });
  const ends = new Counter({
    name: 'enviaai_stream_ends_total',
    help: 'Streams of subscriptions that have ended, by the reason.',
    labelNames: ['reason'],
    registers,
  });
  const open = new Gauge({
    name: 'enviaai_streams_open',
    help: 'Streams of subscriptions that are open.',
    registers,
    collect() {
      this.set(count());
    },
  });
  for (const reason of endReasons) ends.inc({ reason }, 0);
  return {
    countStreamEvent: () => events.inc(),
    countStreamEnd: (reason) => ends.inc({ reason }),
    observeStreams(current) {
      count = current;
      open.set(count());
    },
  };
}
