import { type TrackEntries, untracked } from '#src/domain/memory-usage.ts';

/** An operation in progress. */
export interface Execution<T> {
  readonly result: Promise<T>;
  /**
   * Called when another request wants to share the result. Null: it may not. The function that is
   * returned says at the end whether it may.
   */
  readonly join: () => ((result: T) => boolean) | null;
}

/** What a request gets of an execution. */
export type Share<T, E> =
  | {
      readonly kind: 'result';
      readonly result: T;
      readonly execution: E;
      /** Whether it is the request that the calls of the execution are charged to. */
      readonly isPayer: boolean;
    }
  /** Its signal was aborted, and others wait for the execution. */
  | { readonly kind: 'left'; readonly execution: E; readonly isPayer: boolean }
  /** The result may not be shared with it. */
  | { readonly kind: 'not-shared' };

/** Single-flight: equal requests share one execution. */
export interface ExecutionFlights<T, E extends Execution<T>> {
  /**
   * Joins the execution in progress for a key, or starts one. The execution has a signal of its own,
   * which is aborted when the last request leaves; that request gets its result.
   */
  readonly share: (
    key: string,
    signal: AbortSignal,
    start: (signal: AbortSignal) => E,
  ) => Promise<Share<T, E>>;
}

export interface ExecutionFlightsOptions {
  /** Called for each request that joins. */
  readonly onJoin: () => void;
  readonly track?: TrackEntries | undefined;
}

interface Flight<E> {
  /**
   * Null once it has ended, so that no old copy of the map keeps the result in memory; see
   * `single-flight.ts`.
   */
  execution: E | null;
  readonly controller: AbortController;
  /** The requests that wait, in the order of their arrival: the first is the payer. */
  readonly waiting: Set<AbortSignal>;
}

export function createExecutionFlights<T, E extends Execution<T>>({
  onJoin,
  track = untracked,
}: ExecutionFlightsOptions): ExecutionFlights<T, E> {
  const flights = new Map<string, Flight<E>>();
  track('flights', () => flights.size);

  const remove = (key: string, flight: Flight<E>) => {
    if (flights.get(key) === flight) flights.delete(key);
  };

  const isPayer = ({ waiting }: Flight<E>, signal: AbortSignal) =>
    waiting.values().next().value === signal;

  async function wait(
    key: string,
    flight: Flight<E>,
    execution: E,
    {
      signal,
      mayShare,
    }: { readonly signal: AbortSignal; readonly mayShare: (result: T) => boolean },
  ): Promise<Share<T, E>> {
    const { waiting, controller } = flight;
    waiting.add(signal);
    const left = Promise.withResolvers<Share<T, E>>();
    const leave = () => {
      if (waiting.size === 1) {
        remove(key, flight);
        controller.abort();
        return;
      }
      left.resolve({ kind: 'left', execution, isPayer: isPayer(flight, signal) });
      waiting.delete(signal);
    };
    const ended = execution.result.then((result): Share<T, E> => {
      if (mayShare(result)) {
        return { kind: 'result', result, execution, isPayer: isPayer(flight, signal) };
      }
      waiting.delete(signal);
      return { kind: 'not-shared' };
    });
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([ended, left.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  return {
    share(key, signal, start) {
      const inFlight = flights.get(key);
      const mayShare = inFlight?.execution?.join();
      if (inFlight?.execution && mayShare) {
        onJoin();
        return wait(key, inFlight, inFlight.execution, { signal, mayShare });
      }
      const controller = new AbortController();
      const execution = start(controller.signal);
      const flight: Flight<E> = { execution, controller, waiting: new Set() };
      flights.set(key, flight);
      const end = () => {
        remove(key, flight);
        flight.execution = null;
      };
      execution.result.then(end, end);
      return wait(key, flight, execution, { signal, mayShare: () => true });
    },
  };
}
