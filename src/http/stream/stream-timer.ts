import { type Clock, repeat } from '#src/domain/clock.ts';

/** What becomes of an open stream as time passes. */
export interface TimedStream {
  /** By the monotonic clock. */
  readonly endsAt: number;
  /** The second of its heartbeats: set by the timer. */
  slot: number;
  /** Called within a second after `endsAt`. */
  expire(): void;
  heartbeat(): void;
}

/** One timer for all streams: a timer for each takes more memory than the rest of a stream. */
export interface StreamTimer {
  add(stream: TimedStream): void;
  remove(stream: TimedStream): void;
}

/** Proxies close connections that are silent for 15 s and more. */
const heartbeatSeconds = 12;
const secondMs = 1000;

/** Longer than until the next heartbeat, also on a busy machine. */
const watchedMs = (heartbeatSeconds + 3) * secondMs;

export function createStreamTimer({ now, setTimer }: Pick<Clock, 'now' | 'setTimer'>): StreamTimer {
  // Each stream has its second of the interval, so that not all are written to at once.
  const slots = Array.from({ length: heartbeatSeconds }, () => new Set<TimedStream>());
  /** Streams that may end before their next heartbeat. */
  const ending = new Set<TimedStream>();
  let second = 0;
  let added = 0;
  let size = 0;
  let stop = () => {};

  function watchEnd(stream: TimedStream): void {
    if (stream.endsAt <= now() + watchedMs) ending.add(stream);
  }
  function tick(): void {
    second = (second + 1) % heartbeatSeconds;
    for (const stream of slots[second] ?? []) {
      stream.heartbeat();
      watchEnd(stream);
    }
    for (const stream of ending) if (stream.endsAt <= now()) stream.expire();
  }

  return {
    add(stream) {
      stream.slot = (second + (added += 1)) % heartbeatSeconds;
      slots[stream.slot]?.add(stream);
      watchEnd(stream);
      if ((size += 1) === 1) stop = repeat(setTimer, secondMs, tick);
    },
    remove(stream) {
      if (!slots[stream.slot]?.delete(stream)) return;
      ending.delete(stream);
      if ((size -= 1) === 0) stop();
    },
  };
}
