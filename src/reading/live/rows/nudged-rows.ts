import { Failure } from '#src/domain/failure.ts';
import { hasGet } from '#src/reading/by-id/id-form.ts';
import type { Row } from '#src/domain/row.ts';
import { nudgeGapMs } from '#src/reading/live/live-pace.ts';
import type { ReportingRows } from './reporting-rows.ts';
import type { IdsRead } from './watched-ids.ts';
import type { PollResult, WatchedRows } from './watched-rows.ts';

/** Rows of which a webhook reports a change: they are read again before their poll is due. */
export interface NudgedRows extends WatchedRows {
  /** Responses that are sent at `at` or later show the change. */
  add(id: string, at: number): void;
  /** Whether a change was reported that no response has shown yet. */
  readonly has: (id: string) => boolean;
}

export interface NudgedRowsOptions {
  readonly now: () => number;
  readonly readIds: (ids: readonly string[], signal: AbortSignal) => Promise<IdsRead>;
  readonly reporting: Pick<ReportingRows, 'confirm'>;
}

/** Above this, the poll finds what has changed. */
const maxNudged = 1000;

/**
 * All nudged rows of a tenant are read together, by ids: with one call where the account is one
 * page, or where one row is nudged. The response reaches the lists like that of any other read. A
 * nudge whose call fails is over, because the poll finds the change.
 */
export function createNudgedRows(options: NudgedRowsOptions): NudgedRows {
  const { now, readIds, reporting } = options;
  /** From when on a response shows the change, by id. */
  const nudged = new Map<string, number>();
  let nextAt = Number.NEGATIVE_INFINITY;

  function settle(id: string, row: Row | null, sentAt: number): void {
    if (sentAt < (nudged.get(id) ?? Number.POSITIVE_INFINITY)) return;
    nudged.delete(id);
    if (row) reporting.confirm(row);
  }

  async function poll(signal: AbortSignal): Promise<PollResult> {
    const startedAt = now();
    nextAt = startedAt + nudgeGapMs;
    const due = [...nudged].filter(([, at]) => at <= startedAt).map(([id]) => id);
    try {
      const { results, calls, isStale } = await readIds(due, signal);
      const hasFailed = isStale || results.values().some((result) => result instanceof Failure);
      // The budget has refused the call, or one that was joined.
      const isRefused = calls === 0 && hasFailed;
      if (isRefused) return { calls, isRefused };
      for (const [id, result] of results) {
        settle(id, result instanceof Failure ? null : result, startedAt);
      }
      return { calls, isRefused };
    } catch {
      // The next poll ends the subscriptions with it.
      nudged.clear();
      return { calls: 0, isRefused: false };
    }
  }

  return {
    add(id, at) {
      // Without a GET, a row could cost a scan of the whole account.
      if (!hasGet(id)) return;
      if (nudged.size < maxNudged || nudged.has(id)) nudged.set(id, at);
    },
    has: (id) => nudged.has(id),
    isReady: () => true,
    note({ find, at, isRewritten }) {
      if (isRewritten) return;
      for (const id of nudged.keys()) {
        const row = find(id);
        if (row !== undefined) settle(id, row, at);
      }
    },
    jobs() {
      if (nudged.size === 0) return [];
      const dueAt = Math.max(nextAt, Math.min(...nudged.values()));
      return [{ name: 'nudged', dueAt, isNudged: true, run: poll }];
    },
    version: () => 0,
  };
}
