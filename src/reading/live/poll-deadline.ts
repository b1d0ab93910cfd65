import type { Clock } from '#src/domain/clock.ts';

export interface PollDeadlineOptions {
  readonly clock: Pick<Clock, 'setTimer'>;
  /** Deadline of one poll, in milliseconds. */
  readonly timeoutMs: number;
  /** Aborted when the poller stops. */
  readonly stopped: AbortSignal;
}

/** Runs a poll with a signal that is aborted at its deadline, and when the poller stops. */
export async function withPollDeadline<T>(
  { clock, timeoutMs, stopped }: PollDeadlineOptions,
  poll: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const cancel = clock.setTimer(timeoutMs, abort);
  stopped.addEventListener('abort', abort);
  try {
    return await poll(controller.signal);
  } finally {
    cancel();
    stopped.removeEventListener('abort', abort);
  }
}
