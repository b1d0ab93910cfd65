/** What a subscription field watches. One source serves all subscribers of equal operations. */
export interface LiveSource<Event> {
  /**
   * The whole state as an event, for a subscriber who joins or has missed events. It is the same
   * object while nothing changes; undefined: nothing is known yet.
   */
  current(): Event | undefined;
  /**
   * Watches until the signal is aborted; the first event has the whole state. Resolves when the
   * subscription is over, and rejects with the failure that ends it.
   */
  watch(emit: (event: Event) => void, signal: AbortSignal, write: WriteEvent<Event>): Promise<void>;
}

/**
 * The result of the operation for an event, as text that is compared and not sent: a difference
 * that the operation does not select is none.
 */
export type WriteEvent<Event> = (event: Event) => Promise<string>;
