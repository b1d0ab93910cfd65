/** Calls under way, by what they ask for: whoever asks for the same thing joins. */
export interface Flights<T> {
  join(
    key: string,
    start: () => Promise<T>,
  ): { readonly flight: Promise<T>; readonly joined: boolean };
}

/** A failure is told to all who wait for it, and never kept. One who stops waiting takes nothing from the others. */
export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Promise<T>>();
  return {
    join(key, start) {
      const under = flights.get(key);
      if (under) return { flight: under, joined: true };
      const flight = start().finally(() => flights.delete(key));
      flights.set(key, flight);
      // Those who waited may all have left: then nobody is left to be told.
      flight.catch(() => {});
      return { flight, joined: false };
    },
  };
}
