/** What is to be counted, until it is. */
export interface Batch<T> {
  readonly add: (each: T) => void;
  /** Counts what has come together. */
  readonly flush: () => void;
}

/** So many take some 100 µs to count. */
const most = 64;

/**
 * Counts many at a time. What the processor did a moment ago it does again in a fifth of the time: one
 * by one, between requests, the counters take a tenth of what an answer from memory does.
 */
export function createBatch<T>(count: (each: T) => void): Batch<T> {
  let waiting: T[] = [];
  const flush = () => {
    const all = waiting;
    waiting = [];
    for (const each of all) count(each);
  };
  return {
    add(each) {
      waiting.push(each);
      if (waiting.length >= most) flush();
    },
    flush,
  };
}
