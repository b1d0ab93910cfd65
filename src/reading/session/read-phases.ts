/** Reads of one operation run in this order. */
const phases = ['lists', 'ids', 'budget'] as const;
export type ReadPhase = (typeof phases)[number];

export interface ReadPhases {
  /** Runs a read after every read of an earlier phase that the operation requested has ended. */
  run<T>(phase: ReadPhase, read: () => Promise<T>): Promise<T>;
}

/**
 * The order of the reads of one operation: lists first, since their pages often contain rows that
 * are also read by id; ids next; the budget last, so that it reports what the operation has spent.
 *
 * graphql-js calls the resolvers of all root fields in one synchronous step, and DataLoader
 * dispatches what they loaded in the same turn of the event loop. So when the next turn begins,
 * every read was requested.
 */
export function createReadPhases(): ReadPhases {
  const running = new Map<ReadPhase, Set<Promise<unknown>>>(
    phases.map((phase) => [phase, new Set()]),
  );
  let allRequested: Promise<void> | undefined;

  const earlierReads = (phase: ReadPhase) =>
    phases.slice(0, phases.indexOf(phase)).flatMap((earlier) => [...(running.get(earlier) ?? [])]);

  async function afterEarlier(phase: ReadPhase): Promise<void> {
    if (phase === 'lists') return;
    await (allRequested ??= new Promise((resolve) => setImmediate(resolve)));
    await Promise.allSettled(earlierReads(phase));
  }

  return {
    run(phase, read) {
      const reads = running.get(phase);
      const promise = phase === 'lists' ? read() : afterEarlier(phase).then(read);
      const remove = () => reads?.delete(promise);
      reads?.add(promise);
      promise.then(remove, remove);
      return promise;
    },
  };
}
