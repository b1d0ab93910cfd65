import type { Page, Single } from '#src/domain/page.ts';

/** Whether the response of a session may also answer the operation that joined. */
export type MayShare = () => boolean;

export interface SessionJoins {
  /**
   * An equal operation arrives and wants to share the response of this session. Null: the session
   * has read what the operation would not read any more, so it must read for itself.
   */
  readonly join: () => MayShare | null;
  /** When the session began, or the last operation joined it. By the monotonic clock. */
  readonly lastArrivedAt: () => number;
  /** A call of this session has returned or failed. */
  readonly markReturned: () => void;
  /** EnviaAI was not called, for a reason that may not hold for other callers. */
  readonly markRefused: () => void;
}

export interface SessionJoinsOptions {
  readonly startedAt: number;
  readonly now: () => number;
  readonly freshMs: number;
  /** Whether a call of this session returned it. */
  readonly isFetched: (source: Page | Single) => boolean;
  readonly isFresh: (source: Page | Single) => boolean;
  /** What the response was made from. */
  readonly sources: () => readonly (Page | Single)[];
  /** Revision of the tenant's pages. */
  readonly revision: () => number;
  /** When the last write to an instance of the tenant was answered. By the monotonic clock. */
  readonly lastWriteAt: () => number;
}

/**
 * Decides which operations may share the response of one session. The response must be one that
 * the operation could have got by reading for itself from the moment when it arrived:
 *
 * - It joins before the first call of the session has returned or failed. So every page that the session
 *   fetches is the response to a call that was in flight when the operation arrived, or was sent
 *   later. Those are the calls that it would join or send for itself, also with `FRESH_MS=0`.
 * - No page of the tenant was written since the session began. So what the session has read from
 *   the cache is what the operation would find there, and no client sees a row change back.
 * - No write was answered since the session began, and at the end, no call returned a page that was
 *   sent before one: the operation shows every write that was answered before it arrived.
 * - At the end, each cached page of the response was fresh when the operation arrived, too. A stale
 *   page is accepted: it was used because no call was possible, or the call in flight did not
 *   return in time.
 * - No call was refused to the caller of this session for its address or its fair share.
 */
export function createSessionJoins(options: SessionJoinsOptions): SessionJoins {
  const { startedAt, now, freshMs, isFetched, isFresh, sources } = options;
  const revision = options.revision();
  let lastArrivedAt = startedAt;
  let hasReturned = false;
  let wasRefused = false;

  return {
    join() {
      const hasChanged = options.revision() !== revision || options.lastWriteAt() > startedAt;
      if (hasReturned || hasChanged) return null;
      const arrivedAt = now();
      lastArrivedAt = arrivedAt;
      const isGood = (source: Page | Single) =>
        isFetched(source)
          ? !source.outdated
          : !isFresh(source) || source.sentAt >= arrivedAt - freshMs;
      return () => !wasRefused && sources().every(isGood);
    },
    lastArrivedAt: () => lastArrivedAt,
    markReturned: () => {
      hasReturned = true;
    },
    markRefused: () => {
      wasRefused = true;
    },
  };
}
