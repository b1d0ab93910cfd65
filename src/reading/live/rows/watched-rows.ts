import { Failure } from '#src/domain/failure.ts';
import type { Page } from '#src/domain/page.ts';
import type { Row } from '#src/domain/row.ts';
import { callGapMs } from '#src/reading/live/live-pace.ts';
import type { FeedNews } from '#src/reading/live/page-feed.ts';

/** The rows that one subscription sees. */
export interface RowsView {
  /** Everything was read once: the first event can be sent. */
  readonly isReady: () => boolean;
  /** By key, in the order of the list. */
  readonly rows: () => ReadonlyMap<string, Row>;
  /** When the oldest response behind the rows was requested, by the monotonic clock. */
  readonly asOf: () => number;
  readonly isStale: () => boolean;
  /** Why the rows cannot be read; undefined: they can. */
  readonly failure: () => unknown;
}

/** A subscriber of rows. */
export interface RowsListener {
  /** Rows, or whether they are stale, may have changed. */
  readonly changed: () => void;
  /** They cannot be watched any more. */
  readonly fail: (error: unknown) => void;
}

/** What a poll has to read. */
export interface PollJob {
  /** No two jobs with the same name run together. */
  readonly name: string;
  /** By the monotonic clock; -Infinity: at once. */
  readonly dueAt: number;
  /** A nudge brings it forward. */
  readonly isNudged?: boolean;
  /** The pace of live calls has refused it, and it waits for the next call. */
  readonly isRefused?: boolean;
  /** Rejects with what ends all subscriptions. */
  readonly run: (signal: AbortSignal) => Promise<PollResult>;
}

export interface PollResult {
  /** Upstream calls that were made. */
  readonly calls: number;
  /** The pace of live calls does not allow a call now, nor another one a moment later. */
  readonly isRefused: boolean;
}

/** How long a list waits for its other pages that cannot be read, in milliseconds. */
export const maxFirstWaitMs = 10_000;

/** After the pace has refused a first read, it is tried again after this time, in milliseconds. */
export const firstRetryMs = 1000;

/** The pace allows a call within this time; a spent budget does not. */
const maxPaceGapMs = 2000;

/** Whether the pace of live calls has refused a call. */
export const isPaceRefusal = (failure: unknown): boolean =>
  failure instanceof Failure &&
  failure.kind === 'rate-limited' &&
  failure.retryAfterMs !== undefined &&
  failure.retryAfterMs <= maxPaceGapMs;

/** How long first reads wait for the pace of live calls: it allows eleven pages in this time. */
export const maxPaceWaitMs = 11 * callGapMs;

/** Whether a first read that was refused since `since` is tried again, and not reported. */
export const waitsForPace = (failure: unknown, since: number, now: number): boolean =>
  isPaceRefusal(failure) && now < since + maxPaceWaitMs;

/** Rows that are polled together. */
export interface WatchedRows {
  readonly isReady: () => boolean;
  /** Takes in what was written to the page cache. */
  note(news: FeedNews): void;
  /** Throws what makes it impossible to watch the rows. */
  jobs(): readonly PollJob[];
  /** Increases when the rows have changed, or whether they are stale. */
  readonly version: () => number;
}

/** A list has more pages than may be watched. */
export class ListTooLong extends Error {
  override readonly name = 'ListTooLong';
  readonly maxPages: number;

  constructor(maxPages: number) {
    super('The list has too many pages');
    this.maxPages = maxPages;
  }
}

/** How often rows are read whose changes are reported by webhooks, in milliseconds. */
const reportedMs = 15_000;

/** Between two reads of the same rows. */
export const intervalOf = (pollMs: number, isReported: boolean): number =>
  isReported ? Math.max(pollMs, reportedMs) : pollMs;

export interface ReadTimes {
  readonly pollMs: number;
  readonly intervalMs: number;
  /** Upstream calls that reading all rows takes. */
  readonly calls: number;
  /** Only the pace of live calls has delayed them. */
  readonly isPaced: boolean;
}

/** Other rows that are watched, and other replicas, take their part of the live calls. */
const minPacedStaleMs = 30_000;

/**
 * The age from which rows are stale that could not be read when they were due, nor at the next
 * poll.
 */
export function staleAgeMs({ pollMs, intervalMs, calls, isPaced }: ReadTimes): number {
  const scanMs = calls * callGapMs;
  const ageMs = Math.max(intervalMs, scanMs) + Math.max(pollMs, scanMs);
  return isPaced ? Math.max(ageMs, minPacedStaleMs) : ageMs;
}

/**
 * Absence from one scan is no proof: a row can move from a page that is not read yet to one that
 * was. The second scan begins after the first has ended.
 */
export const scansForProof = 2;

/** Whether a page can be proof that a row is not in its list. */
export const isWholeList = ({ offset, hasMore, rowCount, total }: Page): boolean =>
  offset === 0 && !hasMore && rowCount >= total;

export const keysOf = (pages: readonly Page[]): ReadonlySet<string> =>
  new Set(pages.flatMap(({ rows }) => rows.map(({ key }) => key)));
