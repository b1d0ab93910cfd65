import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { LineState } from '#src/domain/line-state.ts';
import type { Row } from '#src/domain/row.ts';
import { createPollTimes } from './poll-times.ts';
import type { WatchedLine } from './watched-line.ts';
import { isFinal } from './watched-rows.ts';

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
}

export interface LinePollerParts {
  readonly lines: ReadonlyMap<string, WatchedLine>;
  readonly reads: LineReads;
  readonly clock: Clock;
  readonly pollMs: number;
  /** Deadline of one poll, in milliseconds. */
  readonly timeoutMs: number;
  /** EnviaAI shows a code of a line. */
  readonly onCode: (id: string, state: LineState) => void;
}

export interface LinePoller {
  /** Polls what is due, and sets the timer for what is due next. Called after each change. */
  wake(): void;
  stop(): void;
}

const officialCode = 'official_api_instance';
const notFoundCode = 'instance_not_found';

/** A timer that is due at once waits this long, in milliseconds, so that no fault is a busy loop. */
const minWaitMs = 50;

/** The poller of one tenant, for all its lines whose codes are watched. */
export function createLinePoller(parts: LinePollerParts): LinePoller {
  const { lines, reads, clock, timeoutMs } = parts;
  const times = createPollTimes(parts.pollMs);
  const stopped = new AbortController();
  let cancelTimer = () => {};
  let isReadingRows = false;

  async function readRows(due: readonly WatchedLine[]): Promise<void> {
    isReadingRows = true;
    for (const line of due) line.askedRowAt = clock.now();
    const ids = due.map(({ id }) => id);
    try {
      const { results, asOf } = await withDeadline((signal) => reads.rows(ids, signal));
      for (const line of due) {
        const result = results.get(line.id);
        if (result instanceof Failure) noteFailure(line, result);
        else if (result !== undefined) line.noteRow(result, asOf ?? clock.now());
      }
    } catch (error) {
      for (const line of due) noteFailure(line, error);
    }
    isReadingRows = false;
    wake();
  }

  async function readCode(line: WatchedLine): Promise<void> {
    line.isAskingCode = true;
    line.isCodeWanted = false;
    line.askedCodeAt = clock.now();
    let at = clock.now();
    const sent = () => void (at = clock.now());
    try {
      const state = await withDeadline((signal) => reads.code(line.id, { signal, sent }));
      if (state.image !== null) parts.onCode(line.id, state);
      line.noteState(state, at);
    } catch (error) {
      noteFailure(line, error);
      line.noteUnanswered();
    }
    line.isAskingCode = false;
    wake();
  }

  function noteFailure(line: WatchedLine, error: unknown): void {
    const code = error instanceof Failure ? error.upstreamCode : undefined;
    if (code === notFoundCode) line.noteRow(null, clock.now());
    else if (isFinal(error) || code === officialCode) {
      line.fail(error);
    }
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

  function wake(): void {
    cancelTimer();
    for (const line of lines.values()) line.publish();
    if (stopped.signal.aborted) return;
    const now = clock.now();
    const all = [...lines.values()];
    const linking = all.filter(({ view }) => view.isLinking()).length;
    for (const line of all) {
      if (!line.isAskingCode && times.codeAt(line, linking) <= now) void readCode(line);
    }
    const due = isReadingRows ? [] : all.filter((line) => times.rowAt(line, linking) <= now);
    if (due.length > 0) void readRows(due);
    let next = Number.POSITIVE_INFINITY;
    for (const line of all) next = Math.min(next, nextAt(line, linking));
    if (next === Number.POSITIVE_INFINITY) return;
    cancelTimer = clock.setTimer(Math.max(minWaitMs, next - now), wake);
  }

  /** What is being asked for wakes the poller when it has been answered. */
  function nextAt(line: WatchedLine, linking: number): number {
    const overAt = line.view.overAt() ?? Number.POSITIVE_INFINITY;
    return Math.min(
      line.isAskingCode ? Number.POSITIVE_INFINITY : times.codeAt(line, linking),
      isReadingRows ? Number.POSITIVE_INFINITY : times.rowAt(line, linking),
      overAt > clock.now() ? overAt : Number.POSITIVE_INFINITY,
    );
  }

  return {
    wake,
    stop() {
      cancelTimer();
      stopped.abort();
    },
  };
}
