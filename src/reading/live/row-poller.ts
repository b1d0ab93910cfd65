import type { Clock } from '#src/domain/clock.ts';
import { callGapMs, type PollJob, type WatchedRows } from './watched-rows.ts';

export interface RowPollerParts {
  readonly watched: () => Iterable<WatchedRows>;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  /** Deadline of one poll, in milliseconds. */
  readonly timeoutMs: number;
  /** Called after each poll, and when time has passed. */
  readonly onPolled: () => void;
  /** The rows cannot be watched any more. */
  readonly onFailed: (watched: WatchedRows, error: unknown) => void;
}

/** The poller of one tenant, for all rows that are watched. */
export interface RowPoller {
  /** Polls what is due, and sets the timer for what is due next. Called after each change. */
  wake(): void;
  stop(): void;
}

/** A timer that is due at once waits this long, in milliseconds, so that no fault is a busy loop. */
const minWaitMs = 50;

/**
 * Rows that were never read are read at once, all pages together, as far as the budget allows it.
 * After that, one page at a time is read again, the oldest first: no more calls a minute than live
 * calls may use.
 */
export function createRowPoller(parts: RowPollerParts): RowPoller {
  const { clock, timeoutMs } = parts;
  const stopped = new AbortController();
  const running = new Set<string>();
  let pacedAt = Number.NEGATIVE_INFINITY;
  let isRepeating = false;
  let cancelTimer = () => {};

  async function run(watched: WatchedRows, job: PollJob, isRepeat: boolean): Promise<void> {
    running.add(job.name);
    isRepeating ||= isRepeat;
    const startedAt = clock.now();
    let calls = 0;
    try {
      calls = await withDeadline(job.run);
    } catch (error) {
      if (!stopped.signal.aborted) parts.onFailed(watched, error);
    }
    pacedAt = Math.max(pacedAt, startedAt) + calls * callGapMs;
    running.delete(job.name);
    if (isRepeat) isRepeating = false;
    if (stopped.signal.aborted) return;
    parts.onPolled();
    wake();
  }

  /** Aborted at the deadline of a poll, and when the poller stops. */
  async function withDeadline<T>(poll: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const cancel = clock.setTimer(timeoutMs, abort);
    stopped.signal.addEventListener('abort', abort);
    try {
      return await poll(controller.signal);
    } finally {
      cancel();
      stopped.signal.removeEventListener('abort', abort);
    }
  }

  /** The jobs that are not running; none of what cannot be watched. */
  function jobsOf(watched: WatchedRows): readonly PollJob[] {
    try {
      return watched.jobs().filter(({ name }) => !running.has(name));
    } catch (error) {
      parts.onFailed(watched, error);
      return [];
    }
  }

  function wake(): void {
    cancelTimer();
    if (stopped.signal.aborted) return;
    const now = clock.now();
    const all = [...parts.watched()].flatMap((watched) =>
      jobsOf(watched).map((job) => ({ watched, job, isFirst: !watched.isReady() })),
    );
    const waiting: number[] = [];
    const repeats: typeof all = [];
    for (const each of all) {
      const { watched, job, isFirst } = each;
      if (!isFirst) repeats.push(each);
      else if (job.dueAt <= now) void run(watched, job, false);
      else waiting.push(job.dueAt);
    }
    const [oldest] = repeats.toSorted((a, b) => a.job.dueAt - b.job.dueAt);
    if (oldest && !isRepeating) {
      const at = Math.max(oldest.job.dueAt, pacedAt);
      if (at <= now) void run(oldest.watched, oldest.job, true);
      else waiting.push(at);
    }
    if (waiting.length === 0) return;
    cancelTimer = clock.setTimer(Math.max(minWaitMs, Math.min(...waiting) - now), wake);
  }

  return {
    wake,
    stop() {
      cancelTimer();
      stopped.abort();
    },
  };
}
