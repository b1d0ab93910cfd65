import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { LineState } from '#src/domain/line-state.ts';
import type { Row } from '#src/domain/row.ts';
import { createDueQueue } from './due-queue.ts';
import { nudgeGapMs } from '#src/reading/live/live-pace.ts';
import { createPollTimes, maxDistinctLinking } from './poll-times.ts';
import type { WatchedLine } from './watched-line.ts';
import { isFinal } from '#src/reading/live/is-final.ts';
import { withPollDeadline } from '#src/reading/live/poll-deadline.ts';

/** The two ways of asking EnviaAI about lines. */
export interface LineReads {
  /** The rows of lines by id, from fresh pages or by calls. */
  rows(ids: readonly string[], signal: AbortSignal): Promise<LineRows>;
  /** The QR endpoint. `sent` is called when the call is sent. */
  code(id: string, call: CodeCall): Promise<LineState>;
}

export interface LineRows {
  /** By id; null: EnviaAI has no such line. */
  readonly results: ReadonlyMap<string, Row | null | Failure>;
  /** When the oldest call was sent that a row is from, by the monotonic clock; null: there is none. */
  readonly asOf: number | null;
}

export interface CodeCall {
  readonly signal: AbortSignal;
  readonly sent: () => void;
  /** A screen waits for the answer, and it is not asked for at each poll. */
  readonly isUrgent: boolean;
}

export interface LinePollerParts {
  readonly reads: LineReads;
  readonly clock: Clock;
  readonly pollMs: number;
  /** Deadline of one poll, in milliseconds. */
  readonly timeoutMs: number;
  /** EnviaAI shows a code of a line. */
  readonly onCode: (id: string, state: LineState) => void;
}

export interface LinePoller {
  /**
   * Publishes what has changed of lines, polls what is due of them, and sets the timer for what is
   * due next. Called after each change.
   */
  wake(changed: Iterable<WatchedLine>): void;
  /** Whether what is written to the page cache now may have been read by the poller itself. */
  readonly isReadingRows: () => boolean;
  stop(): void;
}

const officialCode = 'official_api_instance';
const notFoundCode = 'instance_not_found';

/** A timer that is due at once waits this long, in milliseconds, so that no fault is a busy loop. */
const minWaitMs = 50;

/** A code that was wanted and could not be had is asked for again after this time. */
const retryMs = 1000;

/** The row of a line is in a list that is polled if a page has shown it for the last time since. */
const listedMs = 10_000;

/**
 * The poller of one tenant, for all its lines whose codes are watched. What changes or is due of one
 * line costs no time for the others.
 */
export function createLinePoller(parts: LinePollerParts): LinePoller {
  const { reads, clock, timeoutMs } = parts;
  const times = createPollTimes(parts.pollMs);
  const stopped = new AbortController();
  const deadline = { clock, timeoutMs, stopped: stopped.signal };
  const queue = createDueQueue<WatchedLine>();
  const linking = new Set<WatchedLine>();
  /** Their rows are read next, together. */
  const dueRows = new Set<WatchedLine>();
  let cancelTimer = () => {};
  let isReadingRows = false;

  /** A call for the line begins. */
  function noteCall(line: WatchedLine): void {
    if (line.nudgedAt > clock.now()) return;
    line.nudgedAt = Number.POSITIVE_INFINITY;
    line.nudgesFrom = clock.now() + nudgeGapMs;
  }

  async function readDueRows(): Promise<void> {
    isReadingRows = true;
    const due = [...dueRows];
    dueRows.clear();
    for (const line of due) {
      noteCall(line);
      line.askedRowAt = clock.now();
    }
    const ids = due.map(({ id }) => id);
    try {
      const { results, asOf } = await withPollDeadline(deadline, (signal) =>
        reads.rows(ids, signal),
      );
      for (const line of due) {
        const result = results.get(line.id);
        if (result instanceof Failure) noteFailure(line, result);
        else if (result !== undefined) line.noteRow(result, asOf ?? clock.now());
      }
    } catch (error) {
      for (const line of due) noteFailure(line, error);
    }
    isReadingRows = false;
    wake(due);
  }

  async function readCode(line: WatchedLine): Promise<void> {
    const wasWanted = line.isCodeWanted;
    const isUrgent = linking.size === 1 && isListed(line);
    line.isAskingCode = true;
    line.isCodeWanted = false;
    noteCall(line);
    line.askedCodeAt = clock.now();
    let at = clock.now();
    const sent = () => void (at = clock.now());
    try {
      const state = await withPollDeadline(deadline, (signal) =>
        reads.code(line.id, { signal, sent, isUrgent }),
      );
      if (state.image !== null) parts.onCode(line.id, state);
      line.noteState(state, at);
    } catch (error) {
      noteFailure(line, error);
      line.noteUnanswered();
      line.isCodeWanted ||= wasWanted;
      if (wasWanted) line.askCodeFrom = Math.max(line.askCodeFrom, clock.now() + retryMs);
    }
    line.isAskingCode = false;
    wake([line]);
  }

  function noteFailure(line: WatchedLine, error: unknown): void {
    const code = error instanceof Failure ? error.upstreamCode : undefined;
    if (code === notFoundCode) line.noteRow(null, clock.now());
    else if (isFinal(error) || code === officialCode) {
      line.fail(error);
    }
  }

  const isListed = (line: WatchedLine): boolean => line.listedAt > clock.now() - listedMs;

  /** A list that is polled shows the scan, as the rows of several lines do. */
  const linkingBeside = (line: WatchedLine): number =>
    isListed(line) ? Math.max(2, linking.size) : linking.size;

  function codeAt(line: WatchedLine): number {
    if (line.isAskingCode) return Number.POSITIVE_INFINITY;
    const pollAt = times.codeAt(line, linkingBeside(line));
    if (!line.view.isLinking()) return pollAt;
    return Math.min(pollAt, Math.max(line.nudgedAt, line.askCodeFrom));
  }

  function rowAt(line: WatchedLine): number {
    if (dueRows.has(line)) return Number.POSITIVE_INFINITY;
    const pollAt = times.rowAt(line, linkingBeside(line));
    return line.view.isLinking() ? pollAt : Math.min(pollAt, line.nudgedAt);
  }

  /** What is being asked for wakes the poller when it has been answered. */
  function nextAt(line: WatchedLine): number {
    const overAt = line.view.overAt() ?? Number.POSITIVE_INFINITY;
    return Math.min(
      codeAt(line),
      rowAt(line),
      overAt > clock.now() ? overAt : Number.POSITIVE_INFINITY,
    );
  }

  /** How often a line is polled that is being linked depends on how many there are. */
  function noteLinking(line: WatchedLine): void {
    const before = linking.size;
    if (!line.isClosed() && line.view.isLinking()) linking.add(line);
    else linking.delete(line);
    if (linking.size === before || Math.min(linking.size, before) >= maxDistinctLinking) return;
    for (const other of linking) queue.add(other, nextAt(other));
  }

  function check(line: WatchedLine): void {
    line.publish();
    noteLinking(line);
    if (line.isClosed()) {
      queue.delete(line);
      dueRows.delete(line);
      return;
    }
    if (codeAt(line) <= clock.now()) void readCode(line);
    if (rowAt(line) <= clock.now()) dueRows.add(line);
    queue.add(line, nextAt(line));
  }

  function wake(changed: Iterable<WatchedLine>): void {
    cancelTimer();
    for (const line of changed) check(line);
    if (stopped.signal.aborted) return;
    for (const line of queue.take(clock.now())) check(line);
    if (dueRows.size > 0 && !isReadingRows) void readDueRows();
    const next = queue.nextAt();
    if (next === Number.POSITIVE_INFINITY) return;
    cancelTimer = clock.setTimer(Math.max(minWaitMs, next - clock.now()), () => wake([]));
  }

  return {
    wake,
    isReadingRows: () => isReadingRows,
    stop() {
      cancelTimer();
      stopped.abort();
    },
  };
}
