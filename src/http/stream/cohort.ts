import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GraphQLError } from 'graphql';
import type { LiveSource, WriteEvent } from '#src/domain/live-source.ts';
import type { EncodedEvent, OpenStream } from './open-stream.ts';

/** The subscribers of equal operations: they share one source, one execution, and its bytes. */
export interface Cohort {
  /** The stream gets the current state, then each event. `onMissed`: the cohort has just ended. */
  join(stream: OpenStream, onMissed: () => void): void;
  leave(stream: OpenStream): void;
  /** Sends the whole state to a stream that has missed events. */
  resync(stream: OpenStream): void;
}

export interface CohortOptions {
  /** Rejects with what makes it impossible to watch. */
  readonly subscribe: () => Promise<LiveSource<unknown>>;
  /** Executes the operation for an event. */
  readonly encode: (event: unknown) => Promise<EncodedEvent>;
  /** Executes the operation for a comparison. */
  readonly write: WriteEvent<unknown>;
  /** The errors for the clients, after the source has failed. */
  readonly errorsOf: (failure: unknown) => readonly GraphQLError[];
  /** Called once: the last stream has left, or the source has ended. */
  readonly onEnd: () => void;
}

/** Streams that are written to in one turn of the event loop: some ten milliseconds. */
const streamsPerTurn = 1000;

export function createCohort(options: CohortOptions): Cohort {
  const streams = new Set<OpenStream>();
  const stopped = new AbortController();
  let source: LiveSource<unknown> | undefined;
  let isStarted = false;
  let hasSent = false;
  // One event after the other, so that no stream gets an older one after a newer one.
  let work: Promise<unknown> = Promise.resolve();
  // Of the last event: many streams join while nothing changes.
  let last: { readonly event: unknown; readonly encoded: EncodedEvent } | null = null;

  const enqueue = (task: () => Promise<void> | void, onMissed = () => {}): void => {
    work = work.then(() => (stopped.signal.aborted ? onMissed() : task())).catch(fail);
  };

  async function encode(event: unknown): Promise<EncodedEvent> {
    if (last && last.event === event) return last.encoded;
    const encoded = await options.encode(event);
    last = { event, encoded };
    return encoded;
  }

  async function sendCurrent(stream: OpenStream): Promise<void> {
    const event = source?.current();
    if (event === undefined || !streams.has(stream)) return;
    stream.sendWhole(await encode(event));
  }

  const emit = (event: unknown) =>
    enqueue(async () => {
      const encoded = await encode(event);
      hasSent = true;
      let sent = 0;
      for (const stream of streams) {
        stream.send(encoded);
        if ((sent += 1) % streamsPerTurn === 0) await nextTurn();
      }
    });

  function finish(): readonly OpenStream[] {
    if (stopped.signal.aborted) return [];
    stopped.abort();
    const all = [...streams];
    streams.clear();
    options.onEnd();
    return all;
  }
  const complete = () =>
    enqueue(() => {
      for (const stream of finish()) stream.end('complete', []);
    });
  function fail(failure: unknown): void {
    if (stopped.signal.aborted) return;
    const errors = options.errorsOf(failure);
    for (const stream of finish()) stream.end('error', errors);
  }

  const start = async () => {
    source = await options.subscribe();
    // The events that it has emitted before it fails are sent first.
    source
      .watch(emit, stopped.signal, options.write)
      .then(complete, (failure) => enqueue(() => Promise.reject(failure)));
  };
  return {
    join(stream, onMissed) {
      enqueue(async () => {
        // The first event of the source has the whole state, too.
        streams.add(stream);
        if (hasSent) await sendCurrent(stream);
      }, onMissed);
      // After the first stream is there: what makes it impossible to subscribe is its end.
      if (!isStarted) enqueue(start);
      isStarted = true;
    },
    leave(stream) {
      streams.delete(stream);
      enqueue(() => {
        streams.delete(stream);
        if (streams.size === 0) finish();
      });
    },
    resync: (stream) => enqueue(() => sendCurrent(stream)),
  };
}
