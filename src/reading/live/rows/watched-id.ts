import type { Row } from '#src/domain/row.ts';

/** An instance that is watched by its id. */
export interface WatchedId {
  watchers: number;
  /** Null: there is none; undefined: it is not known. */
  row: Row | null | undefined;
  /** When the response was requested that says so. */
  at: number;
  /** It is not read again before this time. */
  notBefore: number;
  missedScans: number;
  /** It could not be read when it was due. */
  hasFailed: boolean;
  /** The pace of live calls has refused all calls since it was read. */
  isRefused: boolean;
  /** Why it was never read; undefined: it was, or will be. */
  failure: unknown;
  /** When the first read was refused; null: it was not. */
  refusedSince: number | null;
}

/** What a response says of it was requested `at`. */
export function markRead(known: WatchedId, at: number): void {
  known.at = at;
  known.notBefore = Number.NEGATIVE_INFINITY;
  known.missedScans = 0;
  known.hasFailed = false;
  known.isRefused = false;
  known.failure = undefined;
}

export function markFailed(known: WatchedId, isRefused: boolean): void {
  known.isRefused = isRefused && (known.isRefused || !known.hasFailed);
  known.hasFailed = true;
}

export const newId = (): WatchedId => ({
  watchers: 1,
  row: undefined,
  at: Number.NEGATIVE_INFINITY,
  notBefore: Number.NEGATIVE_INFINITY,
  missedScans: 0,
  hasFailed: false,
  isRefused: false,
  failure: undefined,
  refusedSince: null,
});

/** Not `Math.min`, which takes 100,000 arguments at most. */
export const earliest = (times: readonly number[]): number =>
  times.reduce((first, time) => Math.min(first, time), Number.POSITIVE_INFINITY);
