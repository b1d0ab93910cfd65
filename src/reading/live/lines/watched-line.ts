import type { Clock } from '#src/domain/clock.ts';
import type { LineState } from '#src/domain/line-state.ts';
import type { QrEvent } from '#src/domain/qr-event.ts';
import type { Row } from '#src/domain/row.ts';
import { createLineView, type LineView } from './line-view.ts';

/** A subscriber of a line. */
export interface LineListener {
  readonly emit: (event: QrEvent) => void;
  /** Linking has ended. With an error, the line cannot be watched. */
  readonly end: (error?: unknown) => void;
}

/** One line that is watched: what is known of it, and when EnviaAI was last asked. */
export interface WatchedLine {
  readonly id: string;
  readonly view: Pick<LineView, 'isLinking' | 'codeExpiry' | 'overAt'>;
  readonly listeners: Set<LineListener>;
  /** When the QR endpoint was last asked, or could not be; -Infinity: it was not. */
  askedCodeAt: number;
  /** The QR endpoint is not asked before this time. */
  askCodeFrom: number;
  /** When a page was last asked for that others read, and that has the row. */
  listedAt: number;
  /** When the row was last asked for, or could not be; -Infinity: it is due. */
  askedRowAt: number;
  /** The QR endpoint has to confirm what the list shows. */
  isCodeWanted: boolean;
  isAskingCode: boolean;
  /** When a call is sent because an event of the line came; Infinity: no event waits for one. */
  nudgedAt: number;
  /** Events have no call sent before this time. */
  nudgesFrom: number;
  /** A webhook reports a change, which responses to calls sent at `at` or later show. */
  noteNudge(at: number): void;
  /** Sends the current event, if there is one, and then each that follows. */
  add(listener: LineListener): void;
  /** A row of a call that was sent at `at`; null: EnviaAI has no such line. */
  noteRow(row: Row | null, at: number): void;
  /** A write of ours, or the end of one, has changed a row that EnviaAI sent before. */
  noteRewritten(row: Row | null, at: number): void;
  /** The QR endpoint or an action returned a state; it was asked at `at`. */
  noteState(state: LineState, at: number): void;
  /** The QR endpoint could not be asked now. */
  noteUnanswered(): void;
  /** The code was scanned, or the attempt was cancelled: a row has to tell. */
  noteCancelled(): void;
  /** The last event; undefined: nothing is known yet, or not whether there is a code. */
  event(): QrEvent | undefined;
  /** Sends the subscribers what has changed, and the end of it. */
  publish(): void;
  /** Ends all subscriptions with an error. */
  fail(error: unknown): void;
  /** Nobody watches it any more. */
  close(): void;
  readonly isClosed: () => boolean;
}

export interface WatchedLineOptions {
  readonly clock: Clock;
  readonly startedAt: () => number | undefined;
  /** Called once; with the last event if linking has ended. */
  readonly onClosed: (event?: QrEvent) => void;
}

/** A write that begins an attempt hands over its code in a moment, except to other replicas. */
const handOverMs = 500;

export function createWatchedLine(id: string, options: WatchedLineOptions): WatchedLine {
  const view = createLineView(options);
  const listeners = new Set<LineListener>();
  let published: QrEvent | undefined;
  let wasAnswered = false;
  let isClosed = false;

  function close(event?: QrEvent): readonly LineListener[] {
    if (isClosed) return [];
    isClosed = true;
    const all = [...listeners];
    listeners.clear();
    options.onClosed(event);
    return all;
  }

  /** The code has expired, and its successor is asked for: screens have hidden it themselves. */
  function isRenewing(): boolean {
    const expiry = view.codeExpiry();
    if (expiry === null || expiry > options.clock.now() || !view.isLinking()) return false;
    return line.isAskingCode || line.askedCodeAt < expiry;
  }

  const line: WatchedLine = {
    id,
    view,
    listeners,
    askedCodeAt: Number.NEGATIVE_INFINITY,
    askCodeFrom: Number.NEGATIVE_INFINITY,
    listedAt: Number.NEGATIVE_INFINITY,
    askedRowAt: Number.NEGATIVE_INFINITY,
    isCodeWanted: false,
    isAskingCode: false,
    nudgedAt: Number.POSITIVE_INFINITY,
    nudgesFrom: Number.NEGATIVE_INFINITY,
    isClosed: () => isClosed,
    noteNudge(at) {
      line.nudgedAt = Math.max(at, line.nudgesFrom);
    },
    add(listener) {
      const event = line.event();
      listeners.add(listener);
      // All get the last event, with the end of their streams.
      if (event?.outcome) return line.publish();
      if (event === undefined) return;
      if (listeners.size === 1) published = event;
      listener.emit(event);
    },
    noteRow(row, at) {
      line.askedRowAt = Math.max(line.askedRowAt, at);
      if (row === null) view.sawNone();
      else if (row.instance) view.sawRow(row.instance.status, at);
      if (row?.instance?.status === 'connected') line.isCodeWanted = view.isLinking();
    },
    noteRewritten(row, at) {
      const status = row?.instance?.status;
      // An older row under a write is not EnviaAI's word, but a write that begins an attempt is.
      if (status === 'connecting' || status === 'qr_pending') {
        view.sawRow(status, at);
        line.askCodeFrom = options.clock.now() + handOverMs;
      } else {
        line.askedRowAt = Number.NEGATIVE_INFINITY;
      }
    },
    noteState(state, at) {
      line.askedCodeAt = Math.max(line.askedCodeAt, at);
      wasAnswered = true;
      view.sawState(state, at);
    },
    noteUnanswered() {
      wasAnswered = true;
    },
    noteCancelled() {
      view.cancelled();
      line.askedRowAt = Number.NEGATIVE_INFINITY;
    },
    event() {
      const event = view.event() ?? undefined;
      // The first event has the code, if there is one.
      return view.isLinking() && !wasAnswered ? undefined : event;
    },
    publish() {
      const event = isClosed ? undefined : line.event();
      if (event === undefined || event === published) return;
      if (event.outcome === null && isRenewing()) return;
      published = event;
      if (event.outcome === null) {
        for (const { emit } of listeners) emit(event);
        return;
      }
      for (const { emit, end } of close(event)) {
        emit(event);
        end();
      }
    },
    fail(error) {
      for (const { end } of close()) end(error);
    },
    close: () => void close(),
  };
  return line;
}
