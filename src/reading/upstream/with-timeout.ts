import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';

export interface TimeoutOptions {
  /** The operation's own end: its deadline, or its client gone. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** How long to wait where something else can be served; undefined: to the end. */
  readonly patienceMs: number | undefined;
}

/** Waits for a shared call, and leaves it to the others when patience runs out: then it fails as a timeout. */
export function withTimeout<T>(flight: Promise<T>, patience: TimeoutOptions): Promise<T> {
  const { signal, clock, patienceMs } = patience;
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      end();
      reject(new Failure('timeout', 'The answer did not come in time'));
    };
    const callOff = patienceMs === undefined ? undefined : clock.setTimer(patienceMs, giveUp);
    const end = () => {
      callOff?.();
      signal.removeEventListener('abort', giveUp);
    };
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp);
    flight.then(end, end);
    flight.then(resolve, reject);
  });
}
