import type { LiveSource } from '#src/domain/live-source.ts';

/**
 * The event stream of a subscription field. graphql-js demands an async iterable; the streams of
 * this server take the source itself, so that one execution serves many subscribers.
 */
export class LiveStream<Event> implements AsyncIterable<Event> {
  readonly source: LiveSource<Event>;

  constructor(source: LiveSource<Event>) {
    this.source = source;
  }

  [Symbol.asyncIterator](): AsyncIterator<Event, void, void> {
    const stopped = new AbortController();
    const events = eventsOf(this.source, stopped.signal);
    return {
      next: () => events.next(),
      return() {
        // Ends a `next` that waits, too.
        stopped.abort();
        return events.return();
      },
    };
  }
}

async function* eventsOf<Event>(
  source: LiveSource<Event>,
  signal: AbortSignal,
): AsyncGenerator<Event, void, void> {
  const events: Event[] = [];
  let isOver = false;
  let wake = () => {};
  let written = 0;
  const watching = source.watch(
    (event) => {
      events.push(event);
      wake();
    },
    signal,
    // The operation is not known here: every difference counts.
    async () => String((written += 1)),
  );
  const end = () => {
    isOver = true;
    wake();
  };
  watching.then(end, end);
  for (;;) {
    const event = events.shift();
    if (event !== undefined) yield event;
    else if (isOver) return watching;
    else await new Promise<void>((resolve) => (wake = resolve));
  }
}
