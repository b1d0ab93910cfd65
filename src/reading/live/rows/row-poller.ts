import type { Clock } from '#src/domain/clock.ts';
import { callGapMs } from '#src/reading/live/live-pace.ts';
import { withPollDeadline } from '#src/reading/live/poll-deadline.ts';
import type { PollJob, PollResult, WatchedRows } from './watched-rows.ts';

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

/** No poll is sent for this long after the budget has refused one, in milliseconds. */
const refusedMs = 1000;

/** A poll that is due waits for as many jobs at most that nudges bring forward. */
const maxNudgedInRow = 2;

interface DueJob {
  readonly watched: WatchedRows;
  readonly job: PollJob;
}

/**
 * Rows that were never read are read at once, all pages together, as far as the budget allows it.
 * After that, one page at a time is read again, the oldest first: no more calls a minute than live
 * calls may use. What nudges bring forward is read at once, as far as the budget allows it, and in
 * turn with the polls that are due, which are later for it.
 */
export function createRowPoller(parts: RowPollerParts): RowPoller {
  const { clock, timeoutMs } = parts;
  const stopped = new AbortController();
  const deadline = { clock, timeoutMs, stopped: stopped.signal };
  const running = new Set<string>();
  let pacedAt = Number.NEGATIVE_INFINITY;
  let isRepeating = false;
  let nudgedInRow = 0;
  let cancelTimer = () => {};

  async function run({ watched, job }: DueJob, isRepeat: boolean): Promise<void> {
    running.add(job.name);
    isRepeating ||= isRepeat;
    if (isRepeat) nudgedInRow = job.isNudged ? nudgedInRow + 1 : 0;
    const startedAt = clock.now();
    let result: PollResult = { calls: 0, isRefused: false };
    try {
      result = await withPollDeadline(deadline, job.run);
    } catch (error) {
      if (!stopped.signal.aborted) parts.onFailed(watched, error);
    }
    pacedAt = Math.max(pacedAt, startedAt) + result.calls * callGapMs;
    if (result.isRefused) pacedAt = Math.max(pacedAt, clock.now() + refusedMs);
    running.delete(job.name);
    if (isRepeat) isRepeating = false;
    if (stopped.signal.aborted) return;
    parts.onPolled();
    wake();
  }

  /** The job that is next, and when. */
  function nextOf(repeats: readonly DueJob[], now: number) {
    const isPollDue = repeats.some(({ job }) => !job.isNudged && job.dueAt <= now);
    const timed = repeats
      .filter(({ job }) => !(job.isNudged && isPollDue && nudgedInRow >= maxNudgedInRow))
      .map((each) => {
        const { dueAt, isNudged } = each.job;
        return { each, at: isNudged ? dueAt : Math.max(dueAt, pacedAt) };
      });
    const [next] = timed.toSorted(
      (a, b) => Math.max(a.at, now) - Math.max(b.at, now) || a.each.job.dueAt - b.each.job.dueAt,
    );
    return next;
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
    const repeats: DueJob[] = [];
    for (const each of all) {
      const { job, isFirst } = each;
      if (!isFirst) repeats.push(each);
      else if (job.dueAt <= now) void run(each, false);
      else waiting.push(job.dueAt);
    }
    // What was never read gets the next call of the pace.
    const isFirstRefused = all.some(({ job, isFirst }) => isFirst && job.isRefused);
    const allowed = isFirstRefused ? repeats.filter(({ job }) => job.isNudged) : repeats;
    const next = isRepeating ? undefined : nextOf(allowed, now);
    if (next && next.at <= now) void run(next.each, true);
    else if (next) waiting.push(next.at);
    const nextAt = Math.min(...waiting);
    if (nextAt === Number.POSITIVE_INFINITY) return;
    cancelTimer = clock.setTimer(Math.max(minWaitMs, nextAt - now), wake);
  }

  return {
    wake,
    stop() {
      cancelTimer();
      stopped.abort();
    },
  };
}
