/** Calls under way, by what they ask for: whoever asks for the same thing joins. */
export interface SingleFlight<T> {
  /** Joins the call, or starts it. One whose signal aborts has left; a call that all have left is aborted. */
  join(
    key: string,
    signal: AbortSignal,
    start: (signal: AbortSignal) => Promise<T>,
  ): { readonly flight: Promise<T>; readonly joined: boolean };
}

interface Flight<T> {
  /** Null when it has ended. V8 builds a map anew when keys come and go, and the one before holds what was in it: not the answer. */
  promise: Promise<T> | null;
  readonly call: AbortController;
  waiting: number;
}

/** A failure is told to all who wait for it, and never kept. One who leaves takes nothing from the others. */
export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>();

  const wait = (key: string, flight: Flight<T>, promise: Promise<T>, signal: AbortSignal) => {
    flight.waiting += 1;
    const forget = () => {
      // Who asks next starts anew, and does not join what is over, or is being given up.
      if (flights.get(key) === flight) flights.delete(key);
    };
    const leave = () => {
      flight.waiting -= 1;
      if (flight.waiting > 0) return;
      forget();
      flight.call.abort();
    };
    signal.addEventListener('abort', leave, { once: true });
    const ended = () => {
      signal.removeEventListener('abort', leave);
      forget();
      flight.promise = null;
    };
    promise.then(ended, ended);
  };

  return {
    join(key, signal, start) {
      const under = flights.get(key);
      if (under?.promise) {
        wait(key, under, under.promise, signal);
        return { flight: under.promise, joined: true };
      }
      const call = new AbortController();
      const promise = start(call.signal);
      const flight = { promise, call, waiting: 0 };
      flights.set(key, flight);
      wait(key, flight, promise, signal);
      return { flight: promise, joined: false };
    },
  };
}
