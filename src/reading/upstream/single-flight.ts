import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';

/** Single-flight: callers that want the same thing at the same time share one call. */
export interface SingleFlight<T> {
  /**
   * Joins the call in flight for a key, or starts one. A caller whose signal aborts leaves; a call
   * that every caller has left is aborted.
   */
  join(
    key: string,
    signal: AbortSignal,
    start: (signal: AbortSignal) => Promise<T>,
  ): { readonly result: Promise<T>; readonly isJoined: boolean };
}

interface Flight<T> {
  /**
   * Null once it has ended. V8 copies a map whose keys come and go, and the old copy references the
   * flight for a while: without this, it would keep the result in memory.
   */
  result: Promise<T> | null;
  readonly controller: AbortController;
  waiting: number;
}

/** A failure rejects every caller that waits for it, and is not cached. */
export function createSingleFlight<T>(track: TrackEntries = untracked): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>();
  track('flights', () => flights.size);

  const wait = (key: string, flight: Flight<T>, result: Promise<T>, signal: AbortSignal) => {
    flight.waiting += 1;
    const remove = () => {
      // Remove the entry so that the next caller starts a new call.
      if (flights.get(key) === flight) flights.delete(key);
    };
    const leave = () => {
      flight.waiting -= 1;
      if (flight.waiting > 0) return;
      remove();
      flight.controller.abort();
    };
    signal.addEventListener('abort', leave, { once: true });
    const end = () => {
      signal.removeEventListener('abort', leave);
      remove();
      flight.result = null;
    };
    result.then(end, end);
  };

  return {
    join(key, signal, start) {
      const inFlight = flights.get(key);
      if (inFlight?.result) {
        wait(key, inFlight, inFlight.result, signal);
        return { result: inFlight.result, isJoined: true };
      }
      const controller = new AbortController();
      const result = start(controller.signal);
      const flight = { result, controller, waiting: 0 };
      flights.set(key, flight);
      wait(key, flight, result, signal);
      return { result, isJoined: false };
    },
  };
}
