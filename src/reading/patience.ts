import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';

export interface Patience {
  /** The operation's own end: its deadline, or its client gone. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** How long to wait where something else can be served; undefined: to the end. */
  readonly patienceMs: number | undefined;
}

/** Waits for a shared call, and leaves it to the others when patience runs out: then it fails as a timeout. */
export async function within<T>(flight: Promise<T>, patience: Patience): Promise<T> {
  const { signal, clock, patienceMs } = patience;
  const timeout = () => new Failure('timeout', 'The answer did not come in time');
  if (signal.aborted) throw timeout();
  const over = new AbortController();
  try {
    const ended = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(timeout()), { signal: over.signal });
    });
    const contenders: Promise<T>[] = [flight, ended];
    if (patienceMs !== undefined) {
      contenders.push(
        clock.sleep(patienceMs, over.signal).then(() => {
          throw timeout();
        }),
      );
    }
    return await Promise.race(contenders);
  } finally {
    over.abort();
  }
}
